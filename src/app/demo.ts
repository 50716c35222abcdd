import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../core/files.ts';
import { buildArchive } from '../demo/archive.ts';
import { demoArchive } from '../demo/demo-archive.ts';
import { type ArchiveServer, serveArchive } from '../demo/serve-archive.ts';
import { generateKey } from '../openpgp/generate-key.ts';
import { loadSigner } from '../openpgp/signer.ts';

export type Demo = {
  readonly configPath: string;
  readonly upstreamUrl: string;
  readonly close: ArchiveServer['close'];
};

/** The demo archive and its key are of this moment, so that a second run finds the archive unchanged. */
const archiveDate = new Date('2016-04-21T23:23:46Z');

/**
 * Makes the demo archive with a key of its own, serves it on loopback, and writes a configuration for it.
 * @param root the root directory of the demo's mirror
 */
export async function prepareDemo(root: string): Promise<Demo> {
  const directory = join(root, 'upstream');
  const { publicPath } = await generateKey({
    directory,
    userId: 'Espejo demo archive <demo@localhost>',
    now: archiveDate,
  });
  const signer = await loadSigner({ directory });
  const server = await serveArchive(await buildArchive(demoArchive(archiveDate), signer));
  const template = await readFile(new URL('../../data/demo.yaml', import.meta.url), 'utf8');
  const configPath = join(root, 'espejo.yaml');
  await writeFileAtomically(
    configPath,
    template
      .replaceAll('{{url}}', server.url)
      .replaceAll('{{keyring}}', publicPath)
      .replaceAll('{{root}}', root),
  );
  return { configPath, upstreamUrl: server.url, close: server.close };
}
