/**
 * The closed set of error codes with the exit status of the command line (aptly's: 1 for a failure, 2 for
 * a wrong command line), the HTTP status of the API, and a sentence for `espejo help errors`.
 * This table is the reference: a code that is not here does not exist.
 */
export const errorCodes = {
  E_USAGE: { exit: 2, http: 400, meaning: 'the command line is wrong' },
  E_BAD_VALUE: {
    exit: 1,
    http: 400,
    meaning: 'a flag or parameter has a value that it cannot have, or two contradict each other',
  },
  E_ABORTED: { exit: 1, http: 503, meaning: 'the operation was stopped by a signal or a caller' },
  E_INTERNAL: {
    exit: 1,
    http: 500,
    meaning: 'a fault of espejo itself; run again with --debug and report it',
  },

  E_CONFIG_NOT_FOUND: { exit: 1, http: 500, meaning: 'no configuration file could be read' },
  E_CONFIG_SYNTAX: { exit: 1, http: 500, meaning: 'the configuration file is neither JSON nor YAML' },
  E_CONFIG_INVALID: {
    exit: 1,
    http: 500,
    meaning: 'a key of the configuration is unknown or has a wrong value',
  },
  E_QUERY_SYNTAX: { exit: 1, http: 400, meaning: 'a package query cannot be parsed' },
  E_TEMPLATE_SYNTAX: { exit: 1, http: 400, meaning: 'an output template cannot be parsed or filled in' },

  E_CONTROL_SYNTAX: { exit: 1, http: 400, meaning: 'a control file breaks the Debian control syntax' },
  E_VERSION_SYNTAX: { exit: 1, http: 400, meaning: 'a version number is not one of the Debian policy' },
  E_RELATION_SYNTAX: { exit: 1, http: 400, meaning: 'a package relation cannot be parsed' },
  E_RELEASE_SYNTAX: { exit: 1, http: 502, meaning: 'a Release file lacks a field or has a malformed one' },
  E_INDEX_SYNTAX: { exit: 1, http: 502, meaning: 'a package index has a malformed stanza' },
  E_DEB_FORMAT: { exit: 1, http: 400, meaning: 'a package file is not a valid .deb, .udeb or .dsc' },
  E_FILES_SKIPPED: {
    exit: 1,
    http: 400,
    meaning: 'some package files could not be added; the others were',
  },
  E_TASK_FAILED: { exit: 1, http: 400, meaning: 'a command of a task failed; the rest of them was skipped' },
  E_UNSAFE_PATH: { exit: 1, http: 400, meaning: 'a path leaves its root or holds forbidden characters' },

  E_FETCH_NETWORK: { exit: 1, http: 502, meaning: 'an upstream cannot be reached or broke the connection' },
  E_FETCH_TIMEOUT: { exit: 1, http: 504, meaning: 'an upstream did not answer in time' },
  E_FETCH_STATUS: { exit: 1, http: 502, meaning: 'an upstream answered with an error status' },
  E_FETCH_NOT_FOUND: { exit: 1, http: 502, meaning: 'an upstream does not have the file' },
  E_FETCH_REDIRECT: {
    exit: 1,
    http: 502,
    meaning: 'an upstream redirects in a loop or to a forbidden place',
  },
  E_FETCH_UNSUPPORTED: { exit: 1, http: 400, meaning: 'a URL is malformed or of an unsupported scheme' },
  E_SIZE_MISMATCH: { exit: 1, http: 502, meaning: 'a file has another size than its index says' },
  E_SIZE_LIMIT: { exit: 1, http: 502, meaning: 'a file is larger than the limit for its kind' },
  E_DIGEST_MISMATCH: { exit: 1, http: 502, meaning: 'a file has another digest than its index says' },
  E_DECOMPRESS: { exit: 1, http: 502, meaning: 'a compressed file is damaged or of an unknown kind' },

  E_KEYRING_INVALID: { exit: 1, http: 500, meaning: 'a keyring cannot be read or holds no usable key' },
  E_SIGNATURE_MISSING: { exit: 1, http: 502, meaning: 'a Release file is not signed' },
  E_SIGNATURE_INVALID: { exit: 1, http: 502, meaning: 'a signature does not fit the file' },
  E_SIGNATURE_UNKNOWN_KEY: { exit: 1, http: 502, meaning: 'a file is signed by keys that are not trusted' },
  E_SIGNATURE_WEAK: { exit: 1, http: 502, meaning: 'a signature uses a digest or key that is too weak' },
  E_SIGNATURE_EXPIRED: { exit: 1, http: 502, meaning: 'a signature or its key has expired or was revoked' },
  E_RELEASE_SUITE: { exit: 1, http: 502, meaning: 'a Release file is of another suite than asked for' },
  E_RELEASE_OLDER: { exit: 1, http: 502, meaning: 'a Release file is older than the one accepted before' },
  E_RELEASE_EXPIRED: { exit: 1, http: 502, meaning: 'a Release file is past its Valid-Until' },
  E_RELEASE_FUTURE: { exit: 1, http: 502, meaning: 'a Release file is dated in the future' },
  E_RELEASE_WEAK: { exit: 1, http: 502, meaning: 'a Release file lists no SHA256 or SHA512 digests' },
  E_INDEX_NOT_LISTED: { exit: 1, http: 502, meaning: 'a Release file does not list an index that is needed' },
  E_COMPONENT_UNKNOWN: { exit: 1, http: 400, meaning: 'a suite does not have the component' },
  E_ARCHITECTURE_UNKNOWN: { exit: 1, http: 400, meaning: 'a suite does not have the architecture' },

  E_PACKAGE_UNKNOWN: { exit: 1, http: 404, meaning: 'a package of the configuration exists in no index' },
  E_NOTHING_SELECTED: { exit: 1, http: 400, meaning: 'a mirror selects no package at all' },
  E_UNSATISFIED: { exit: 1, http: 409, meaning: 'relations of the selected packages cannot be satisfied' },
  E_PACKAGE_CONFLICT: {
    exit: 1,
    http: 409,
    meaning: 'a list cannot hold two packages of one name, version and architecture',
  },
  E_NO_ARCHITECTURES: { exit: 1, http: 400, meaning: 'the architectures to work on cannot be determined' },
  E_PACKAGE_FETCH: { exit: 1, http: 502, meaning: 'package files could not be downloaded' },

  E_KEY_NOT_FOUND: { exit: 1, http: 404, meaning: 'there is no signing key' },
  E_KEY_INVALID: { exit: 1, http: 500, meaning: 'a signing key cannot be read or cannot sign' },
  E_KEY_PASSPHRASE: {
    exit: 1,
    http: 500,
    meaning: 'a signing key is locked and the passphrase is absent or wrong',
  },

  E_IO: { exit: 1, http: 500, meaning: 'a file or directory cannot be read or written' },
  E_PERMISSION: { exit: 1, http: 500, meaning: 'a file or directory may not be read or written' },
  E_DISK_FULL: { exit: 1, http: 507, meaning: 'the disk is full' },
  E_TOOL_MISSING: { exit: 1, http: 500, meaning: 'a program that is needed is not on this machine' },
  E_LOCKED: { exit: 1, http: 409, meaning: 'another process works on the same root directory' },
  E_CATALOG: { exit: 1, http: 500, meaning: 'the catalog cannot be opened or is damaged' },
  E_CLEANUP_REFUSED: {
    exit: 1,
    http: 409,
    meaning: 'a cleanup by policy would remove an unusual share of the pool',
  },
  E_POOL_MISSING: { exit: 1, http: 500, meaning: 'a package file is missing from the pool or damaged there' },
  E_POOL_CONFLICT: { exit: 1, http: 409, meaning: 'a pool path is taken by a different file' },

  E_NAME_TAKEN: { exit: 1, http: 409, meaning: 'another object of its kind has the name' },
  E_OBJECT_NOT_FOUND: {
    exit: 1,
    http: 404,
    meaning: 'no mirror, repository, snapshot or publication has the name',
  },
  E_OBJECT_IN_USE: {
    exit: 1,
    http: 409,
    meaning: 'an object is published, locked, or others were made from it',
  },
  E_MIRROR_NOT_FOUND: { exit: 1, http: 404, meaning: 'no mirror has that name' },
  E_MIRROR_EMPTY: { exit: 1, http: 409, meaning: 'a mirror was not synced yet' },
  E_PUBLICATION_NOT_FOUND: { exit: 1, http: 404, meaning: 'no publication has that name' },
  E_GENERATION_NOT_FOUND: { exit: 1, http: 404, meaning: 'a publication has no such generation' },
  E_PUBLISH_CONFLICT: { exit: 1, http: 409, meaning: 'two packages claim one path of the published pool' },
  E_VERIFY_FAILED: { exit: 1, http: 500, meaning: 'the published tree differs from what its signature says' },

  E_PORT_IN_USE: { exit: 1, http: 500, meaning: 'the address to listen on is taken' },
  E_LISTEN: { exit: 1, http: 500, meaning: 'the server cannot listen on the address' },
} as const satisfies Readonly<Record<string, ErrorCodeFacts>>;

export type ErrorCode = keyof typeof errorCodes;

type ErrorCodeFacts = {
  /** Exit status of the command line. */
  readonly exit: 1 | 2;
  /** Status of an HTTP answer. */
  readonly http: number;
  readonly meaning: string;
};
