import type { ErrorCode } from '../core/error-codes.ts';

const transient = 'the upstream or the network is in trouble; try again later, or add another URL';
const malformed =
  'the upstream serves it like this, so trying again does not help; tell its operators, or use another archive';
const damaged =
  'the upstream is in the middle of an update or a proxy alters files; add another URL if it stays so';
const example = 'data/xenial.yaml is a complete example';
const verifyTree = 'run "espejo verify" to see what else differs';

/** What to do about an error that does not say so itself. */
const remedies: Partial<Readonly<Record<ErrorCode, string>>> = {
  E_CONFIG_SYNTAX: `correct the file; ${example}`,
  E_CONFIG_INVALID: `correct the file; ${example}`,
  E_QUERY_SYNTAX: 'correct the query',
  E_TEMPLATE_SYNTAX: 'correct the template',
  E_RELEASE_SYNTAX: malformed,
  E_INDEX_SYNTAX: malformed,
  E_CONTROL_SYNTAX: 'correct the file that is named; when it is from an upstream, tell its operators',
  E_VERSION_SYNTAX: 'write versions as Debian does: [epoch:]upstream[-revision]',
  E_RELATION_SYNTAX: 'write relations as in Depends: name (>= version)',
  E_UNSAFE_PATH:
    'a path like this is never followed: correct the name, or do not use the archive that it comes from',
  E_FETCH_NETWORK: 'check the network, the proxy settings and the address of the upstream',
  E_FETCH_TIMEOUT: `${transient}; see limits.timeout`,
  E_FETCH_STATUS: transient,
  E_FETCH_NOT_FOUND: 'check the URL, or use another one',
  E_FETCH_REDIRECT: 'name the place it should lead to as the URL of the mirror',
  E_FETCH_UNSUPPORTED: 'use an http or https URL',
  E_SIZE_MISMATCH: damaged,
  E_SIZE_LIMIT: 'see limits: release_size, index_size, package_size',
  E_DIGEST_MISMATCH: damaged,
  E_DECOMPRESS:
    'the file is damaged where it comes from; when that is an upstream, tell its operators or add another URL',
  E_KEYRING_INVALID: 'check "keyring" and "keys" of the mirror',
  E_SIGNATURE_MISSING: 'check the URL: a proxy or a login page may have answered in its place',
  E_INDEX_NOT_LISTED: 'check "components", "architectures" and "sources" of the mirror',
  E_KEY_NOT_FOUND: 'run "espejo key generate"',
  E_KEY_INVALID: 'put a good key into the key directory, or run "espejo key generate" with another one',
  E_KEY_PASSPHRASE: 'set keys.passphrase_file or ESPEJO_PASSPHRASE',
  E_IO: 'check the path and the disk, then run the same command again',
  E_CATALOG: 'run "espejo db recover", or restore db/ from a backup',
  E_POOL_MISSING:
    'fetch it again: "espejo sync -force" for a mirror of the configuration, "espejo mirror update" for another one, "espejo repo add" for a file of a repository',
  E_POOL_CONFLICT: verifyTree,
  E_VERIFY_FAILED: verifyTree,
  E_LISTEN: 'choose another address with -listen or server.listen',
};

/** The remedy for a code, when the error has no hint of its own. */
export function remedyOf(code: ErrorCode): string | undefined {
  return remedies[code];
}
