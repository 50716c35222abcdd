import type { ErrorCode } from '../core/error-codes.ts';

const otherUrl = 'try again later, or use another URL';
const example = 'data/xenial.yaml is a complete example';
const verifyTree = 'run "espejo verify" to see what else differs';

/** What to do about an error that does not say so itself. */
const remedies: Partial<Readonly<Record<ErrorCode, string>>> = {
  E_CONFIG_SYNTAX: `correct the file; ${example}`,
  E_CONFIG_INVALID: `correct the file; ${example}`,
  E_QUERY_SYNTAX: 'correct the query',
  E_TEMPLATE_SYNTAX: 'correct the template',
  E_RELEASE_SYNTAX: otherUrl,
  E_INDEX_SYNTAX: otherUrl,
  E_CONTROL_SYNTAX: otherUrl,
  E_VERSION_SYNTAX: 'write versions as Debian does: [epoch:]upstream[-revision]',
  E_RELATION_SYNTAX: 'write relations as in Depends: name (>= version)',
  E_UNSAFE_PATH: 'do not trust this upstream; use another URL',
  E_FETCH_NETWORK: 'check the network, the proxy settings and the address of the upstream',
  E_FETCH_TIMEOUT: `${otherUrl}; see limits.timeout`,
  E_FETCH_STATUS: otherUrl,
  E_FETCH_NOT_FOUND: 'check the URL, or use another one',
  E_FETCH_REDIRECT: 'name the place it should lead to as the URL of the mirror',
  E_FETCH_UNSUPPORTED: 'use an http or https URL',
  E_SIZE_MISMATCH: otherUrl,
  E_SIZE_LIMIT: 'see limits: release_size, index_size, package_size',
  E_DIGEST_MISMATCH: otherUrl,
  E_DECOMPRESS: otherUrl,
  E_KEYRING_INVALID: 'check "keyring" and "keys" of the mirror',
  E_SIGNATURE_MISSING: 'check the URL: a proxy or a login page may have answered in its place',
  E_INDEX_NOT_LISTED: 'check "components", "architectures" and "sources" of the mirror',
  E_KEY_NOT_FOUND: 'run "espejo key generate"',
  E_KEY_INVALID: 'put a good key into the key directory, or run "espejo key generate" with another one',
  E_KEY_PASSPHRASE: 'set keys.passphrase_file or ESPEJO_PASSPHRASE',
  E_IO: 'check the path and the disk, then run the same command again',
  E_CATALOG:
    'run "espejo db recover", restore db/ from a backup, or move it away and sync again: the pool is kept',
  E_POOL_MISSING: 'run "espejo sync -force", which fetches what is missing',
  E_POOL_CONFLICT: verifyTree,
  E_VERIFY_FAILED: verifyTree,
  E_LISTEN: 'choose another address with -listen or server.listen',
};

/** The remedy for a code, when the error has no hint of its own. */
export function remedyOf(code: ErrorCode): string | undefined {
  return remedies[code];
}
