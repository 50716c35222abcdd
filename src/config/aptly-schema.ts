import * as z from 'zod';
import { architectureProblem } from '../deb/names.ts';
import { spelled } from './schema-facts.ts';

/**
 * aptly's 37 keys in the order of its documentation, under their JSON names; {@link spelled} tells the YAML name where it
 * is not the JSON name in snake_case, and the misspelt names of aptly's own template.
 */
export const aptlyShape = {
  rootDir: z.string().optional(),
  logLevel: text('info'),
  logFormat: text('default'),
  databaseOpenAttempts: z.int().default(-1),
  architectures: z.array(architecture()).default([]),
  skipLegacyPool: flag(),
  dependencyFollowSuggests: spelled(flag(), 'dep_follow_suggests'),
  dependencyFollowRecommends: spelled(flag(), 'dep_follow_recommends'),
  dependencyFollowAllVariants: spelled(flag(), 'dep_follow_all_variants', 'dep_follow_allvariants'),
  dependencyFollowSource: spelled(flag(), 'dep_follow_source'),
  dependencyVerboseResolve: spelled(flag(), 'dep_verboseresolve', 'dep_verbose_resolve'),
  ppaDistributorID: spelled(text('ubuntu'), 'ppa_distributor_id'),
  ppaCodename: text(),
  ppaBaseURL: spelled(text('http://ppa.launchpad.net'), 'ppa_baseurl'),
  serveInAPIMode: spelled(flag(), 'serve_in_api_mode'),
  enableMetricsEndpoint: flag(),
  enableSwaggerEndpoint: flag(),
  AsyncAPI: spelled(flag(), 'async_api'),
  databaseBackend: z.object({ type: text(), dbPath: text(), url: text() }).prefault({}),
  downloader: text('default'),
  downloadConcurrency: z.int().default(4),
  /** KiB/s; 0 is unlimited. */
  downloadSpeedLimit: spelled(z.int().default(0), 'download_limit'),
  downloadRetries: z.int().default(0),
  downloadSourcePackages: spelled(flag(), 'download_sourcepackages'),
  gpgProvider: text('gpg'),
  gpgDisableSign: flag(),
  gpgDisableVerify: flag(),
  gpgKeys: texts(),
  skipContentsPublishing: flag(),
  skipBz2Publishing: flag(),
  FileSystemPublishEndpoints: spelled(
    endpoints(z.object({ rootDir: text(), linkMethod: text('hardlink'), verifyMethod: text() })),
    'filesystem_publish_endpoints',
  ),
  JFrogPublishEndpoints: spelled(
    endpoints(
      z.object({
        url: text(),
        repository: text(),
        prefix: text(),
        user: spelled(text(), 'username'),
        password: text(),
        apiKey: text(),
        accessToken: text(),
        plusWorkaround: flag(),
        debug: flag(),
      }),
    ),
    'jfrog_publish_endpoints',
  ),
  S3PublishEndpoints: spelled(
    endpoints(
      z.object({
        region: text(),
        bucket: text(),
        prefix: text(),
        acl: text('private'),
        awsAccessKeyID: spelled(text(), 'access_key_id'),
        awsSecretAccessKey: spelled(text(), 'secret_access_key'),
        awsSessionToken: spelled(text(), 'session_token'),
        endpoint: text(),
        storageClass: text(),
        encryptionMethod: text(),
        plusWorkaround: flag(),
        disableMultiDel: spelled(flag(), 'disable_multidel'),
        forceSigV2: spelled(flag(), 'force_sigv2'),
        forceVirtualHostedStyle: spelled(flag(), 'force_virtualhosted_style'),
        debug: flag(),
      }),
    ),
    's3_publish_endpoints',
  ),
  GcsPublishEndpoints: spelled(
    endpoints(
      z.object({
        bucket: text(),
        prefix: text(),
        credentialsFile: text(),
        serviceAccountJSON: spelled(text(), 'service_account_json'),
        project: text(),
        endpoint: text(),
        acl: text(),
        storageClass: text(),
        encryptionKey: text(),
        disableMultiDel: spelled(flag(), 'disable_multidel'),
        debug: flag(),
      }),
    ),
    'gcs_publish_endpoints',
  ),
  SwiftPublishEndpoints: spelled(
    endpoints(
      z.object({
        container: text(),
        prefix: text(),
        osname: spelled(text(), 'username'),
        password: text(),
        authurl: spelled(text(), 'auth_url'),
        tenant: text(),
        tenantid: spelled(text(), 'tenant_id'),
        domain: text(),
        domainid: spelled(text(), 'domain_id'),
        tenantdomain: spelled(text(), 'tenant_domain'),
        tenantdomainid: spelled(text(), 'tenant_domain_id'),
      }),
    ),
    'swift_publish_endpoints',
  ),
  AzurePublishEndpoints: spelled(endpoints(z.object(azureShape())), 'azure_publish_endpoints'),
  packagePoolStorage: spelled(
    z
      .object({ type: z.enum(['', 'local', 'azure']).default('local'), path: text(), ...azureShape() })
      .prefault({}),
    'packagepool_storage',
  ),
};

type AptlyOutput = z.output<z.ZodObject<typeof aptlyShape>>;

/** The values of aptly's keys; `rootDir` is absolute. */
export type AptlyConfig = {
  readonly [Key in keyof AptlyOutput]: Key extends 'rootDir' ? string : Frozen<AptlyOutput[Key]>;
};

type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

function text(value = ''): z.ZodDefault<z.ZodString> {
  return z.string().default(value);
}

function architecture(): z.ZodString {
  return z.string().refine((name) => architectureProblem(name) === undefined, {
    error: ({ input }) => `"${input}" is not the name of an architecture`,
  }) as z.ZodString;
}

function flag(): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(false);
}

function texts(): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(z.string()).default([]);
}

function endpoints<Shape extends z.ZodRawShape>(
  endpoint: z.ZodObject<Shape>,
): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodObject<Shape>>> {
  return z.record(z.string(), endpoint).default({});
}

function azureShape() {
  return {
    container: text(),
    prefix: text(),
    accountName: text(),
    accountKey: text(),
    endpoint: text(),
  };
}
