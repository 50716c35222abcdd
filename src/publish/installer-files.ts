import type { PackageRecord, PublicationPlace } from '../catalog/contract.ts';
import { EspejoError } from '../core/errors.ts';
import type { StoredFile } from '../core/stored-file.ts';
import { InstallerPackage } from '../deb/installer-package.ts';
import { assertSafePath } from '../deb/paths.ts';
import type { PlannedComponent } from './plan.ts';
import { indexFile, type RenderedFile } from './rendered-file.ts';

/** An armoured detached signature of some bytes. */
export type DetachSign = (content: Buffer) => Promise<Buffer>;

type Tools = {
  readonly architectures: readonly string[];
  readonly pooled: (poolPath: string) => StoredFile;
  readonly detachSign: DetachSign | undefined;
};

/** The distribution whose images lie in another directory. */
const legacyDistribution = 'focal';

/**
 * The installer images of a component with their SHA256SUMS and its signature; Release describes SHA256SUMS alone
 * (spec/semantics.md 7.3).
 */
export async function* installerFiles(
  { distribution }: PublicationPlace,
  { name, installers }: PlannedComponent,
  tools: Tools,
): AsyncGenerator<RenderedFile> {
  for (const architecture of tools.architectures) {
    const records = installers.filter((one) => one.architecture === architecture);
    if (records.length === 0) continue;
    const images = distribution === legacyDistribution ? 'legacy-images' : 'images';
    const directory = `${name}/installer-${architecture}/current/${images}`;
    const sums = Buffer.from(records.map(sumsOf).join(''));
    yield indexFile(`${directory}/SHA256SUMS`, [sums]);
    if (tools.detachSign !== undefined) {
      const signature = indexFile(`${directory}/SHA256SUMS.gpg`, [await tools.detachSign(sums)]);
      yield { ...signature, listed: false, byHash: false };
    }
    for (const record of records) yield* imageFiles(directory, record, tools);
  }
}

function* imageFiles(directory: string, record: PackageRecord, { pooled }: Tools): Generator<RenderedFile> {
  for (const { name, size, digests, poolPath } of record.files) {
    const path = `${directory}/${name}`;
    assertSafePath(path, `catalog package ${record.key}`);
    yield { path, content: pooled(poolPath), facts: { size, digests }, listed: false, byHash: false };
  }
}

/** As aptly writes it: two blanks before each name, and the names as upstream lists them. */
function sumsOf({ key, stanza }: PackageRecord): string {
  const what = `catalog package ${key}`;
  return InstallerPackage.fromParagraph(stanza, { what })
    .listed.map(({ name, facts }) => {
      const { sha256 } = facts.digests;
      if (sha256 === undefined) throw new EspejoError('E_CATALOG', `${what}: its file ${name} has no SHA256`);
      return `${sha256}  ${name}\n`;
    })
    .join('');
}
