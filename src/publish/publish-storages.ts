import { join, resolve } from 'node:path';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { realPath } from '../core/files.ts';
import type { Ports } from '../packages/ports.ts';
import type { SiteOf } from './pool-claims.ts';
import { defaultStorage, type Storage } from './storage.ts';

/**
 * The storage of a name: empty for `<rootDir>/public`, `filesystem:<name>` for an endpoint of the configuration.
 * @throws E_CONFIG_INVALID in aptly's words for a storage that is not configured
 */
export function storageOf(
  { config, publicDirectory }: Pick<Ports, 'config' | 'publicDirectory'>,
  name: string,
): Storage {
  if (name === '') return defaultStorage(publicDirectory);
  const colon = name.indexOf(':');
  const kind = colon === -1 ? undefined : remoteKinds.find(({ prefix }) => prefix === name.slice(0, colon));
  const endpointName = name.slice(colon + 1);
  if (kind !== undefined) {
    const isConfigured = Object.hasOwn(config.aptly[kind.key], endpointName);
    if (!isConfigured) throw notConfigured(kind.title, endpointName);
    throw new EspejoError(
      'E_CONFIG_INVALID',
      `published ${kind.title} storage ${endpointName} not supported`,
      {
        hint: 'publish to the local disk or a filesystem endpoint',
      },
    );
  }
  if (!name.startsWith('filesystem:'))
    throw new EspejoError('E_CONFIG_INVALID', `unknown published storage format: ${name}`);
  const endpoints = config.aptly.FileSystemPublishEndpoints;
  const endpoint = Object.hasOwn(endpoints, endpointName) ? endpoints[endpointName] : undefined;
  if (endpoint === undefined) throw notConfigured('local', endpointName);
  return {
    directory: resolve(config.rootDir, endpoint.rootDir),
    link: linkOf(endpoint.linkMethod),
    verify: endpoint.verifyMethod.toLowerCase() === 'size' ? 'size' : 'digest',
  };
}

/**
 * Tells places of publications apart by their real directory: an endpoint may lead where another one does, or into
 * `<rootDir>/public`. One that is not configured any more is known by its name alone.
 */
export function siteOf(ports: Pick<Ports, 'config' | 'publicDirectory'>): SiteOf {
  return ({ storage, prefix }) => {
    try {
      return realPath(join(storageOf(ports, storage).directory, prefix));
    } catch (error) {
      if (isEspejoError(error, 'E_CONFIG_INVALID')) return `${storage}:${prefix}`;
      throw error;
    }
  };
}

const remoteKinds = [
  { prefix: 's3', key: 'S3PublishEndpoints', title: 'S3' },
  { prefix: 'gcs', key: 'GcsPublishEndpoints', title: 'GCS' },
  { prefix: 'swift', key: 'SwiftPublishEndpoints', title: 'Swift' },
  { prefix: 'azure', key: 'AzurePublishEndpoints', title: 'Azure' },
  { prefix: 'jfrog', key: 'JFrogPublishEndpoints', title: 'JFrog' },
] as const;

/** Unknown words mean hard links, as in aptly. */
function linkOf(method: string): Storage['link'] {
  const lower = method.toLowerCase();
  return lower === 'symlink' || lower === 'copy' ? lower : 'hardlink';
}

function notConfigured(title: string, name: string): EspejoError {
  return new EspejoError('E_CONFIG_INVALID', `published ${title} storage ${name} not configured`);
}
