import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../core/files.ts';
import { generateKey } from '../openpgp/generate-key.ts';
import { loadSigner } from '../openpgp/signer.ts';
import { buildArchive } from './archive.ts';
import { demoArchive } from './demo-archive.ts';
import { type ArchiveServer, serveArchive } from './serve-archive.ts';

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
  const configPath = join(root, 'espejo.yaml');
  const archive = await buildArchive(demoArchive(archiveDate), signer);
  const server = await serveArchive(archive, await portOf(configPath));
  const template = await readFile(new URL('../../data/demo.yaml', import.meta.url), 'utf8');
  await writeFileAtomically(
    configPath,
    template
      .replaceAll('{{url}}', server.url)
      .replaceAll('{{keyring}}', publicPath)
      .replaceAll('{{root}}', root),
  );
  return { configPath, upstreamUrl: server.url, close: server.close };
}

/** The port that the demo's upstream had the last time: copies of its configuration name it. 0 when there was none. */
async function portOf(configPath: string): Promise<number> {
  const text = await readFile(configPath, 'utf8').catch(() => '');
  return Number(/^ *url: "http:\/\/127\.0\.0\.1:(?<port>\d{1,5})\//m.exec(text)?.groups?.['port'] ?? 0);
}
