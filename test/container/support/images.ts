import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

export const repositoryRoot: string = join(import.meta.dirname, '../../..');

const prefix = process.env['ESPEJO_TEST_IMAGES'] ?? 'espejo-test';

/** The images that test/setup/base-images makes. */
export const baseImages = {
  /** apt 2.6 */
  bookworm: `${prefix}/debian:bookworm`,
  /** apt 3.0 */
  trixie: `${prefix}/debian:trixie`,
  node: `${prefix}/node:24`,
} as const;

/** Builds docker/mirror.Dockerfile; the builder's cache makes the second call quick. */
export async function buildMirrorImage(): Promise<string> {
  const image = `${prefix}/mirror:under-test`;
  await build('docker/mirror.Dockerfile', image, { BASE: baseImages.node });
  return image;
}

export type ClientImage = { readonly image: string; remove(): Promise<void> };

/**
 * Builds docker/client.Dockerfile with a public key preloaded.
 * @param key path of a binary keyring
 */
export async function buildClientImage(
  base: 'bookworm' | 'trixie',
  key: string,
  label: string,
): Promise<ClientImage> {
  const image = `${prefix}/client-${base}:${label}-${process.pid}`;
  const contextKey = `.cache/container-test/${label}-${base}-${process.pid}.pub.gpg`;
  await mkdir(join(repositoryRoot, '.cache/container-test'), { recursive: true });
  await copyFile(key, join(repositoryRoot, contextKey));
  await build('docker/client.Dockerfile', image, { BASE: baseImages[base], KEY: contextKey });
  await rm(join(repositoryRoot, contextKey));
  return {
    image,
    remove: async () => {
      await runProgram('docker', ['image', 'rm', '--force', image]);
    },
  };
}

/** With docker's own program: unlike testcontainers' builder it shows why a build failed. */
async function build(
  dockerfile: string,
  image: string,
  args: Readonly<Record<string, string>>,
): Promise<void> {
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  await runProgram('docker', ['build', '--file', dockerfile, '--tag', image, ...buildArgs, '.'], {
    cwd: repositoryRoot,
    timeoutSeconds: 240,
  });
}
