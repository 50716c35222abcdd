import { resolve } from 'node:path';
import type { EspejoConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import type { Endpoint, Endpoints } from '../endpoint/contract.ts';
import { openFilesystemEndpoint } from '../endpoint/filesystem/open-filesystem-endpoint.ts';
import type { Storage } from '../endpoint/filesystem/storage.ts';

/**
 * The endpoints of a configuration; each is opened when it is first asked for.
 * @param publicDirectory where the one without a name is
 */
export function openEndpoints(config: EspejoConfig, publicDirectory: string): Endpoints {
  const opened = new Map<string, Endpoint>();
  return {
    of(storage) {
      const known = opened.get(storage);
      if (known !== undefined) return known;
      const endpoint = openFilesystemEndpoint(
        storage === ''
          ? { directory: publicDirectory, link: 'hardlink', verify: 'digest' }
          : storageOf(config, storage),
      );
      opened.set(storage, endpoint);
      return endpoint;
    },
  };
}

/** @throws E_CONFIG_INVALID in aptly's words for a storage that is not configured */
function storageOf(config: EspejoConfig, name: string): Storage {
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
