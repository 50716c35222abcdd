import type { UpstreamArchive } from '../../builders/upstream-archive.ts';
import { makeArchive, trustedKeys } from '../../support/oracle/make-archive.ts';
import { signingKey } from '../../support/signing-keys.ts';

const lib = { Source: 'libsrc', Section: 'libs' };
const docs = { docs_1_all: { Section: 'doc' } };

/** Two components, two architectures. */
export const firstState = await makeArchive({
  fields: { notAutomatic: 'yes', butAutomaticUpgrades: 'yes', version: '16.04' },
  indexes: {
    'main/binary-amd64': { 'app_1.0_amd64': { Depends: 'lib' }, 'lib_1.0_amd64': lib, ...docs },
    'main/binary-i386': { 'app_1.0_i386': { Depends: 'lib' }, 'lib_1.0_i386': lib, ...docs },
    'universe/binary-amd64': { 'game_2.1-1_amd64': { Depends: 'app (>= 1.0), data' }, 'lib_0.9_amd64': lib },
    'universe/binary-i386': {},
  },
});

/** The next state of it. */
export const secondState = await makeArchive({
  indexes: {
    'main/binary-amd64': { 'app_1.1_amd64': { Depends: 'lib' }, 'lib_1.0_amd64': lib, ...docs },
    'main/binary-i386': { 'app_1.1_i386': { Depends: 'lib' }, 'lib_1.0_i386': lib, ...docs },
    'universe/binary-amd64': { 'game_2.1-1_amd64': { Depends: 'app (>= 1.0), data' }, data_3_all: {} },
    'universe/binary-i386': {},
  },
});

/** The key of both in GnuPG's home. */
export const trusted = await trustedKeys();

/** A flat archive below `flat`. */
export const flatState = await makeArchive({
  directory: 'flat',
  fields: { architectures: ['amd64'] },
  indexes: { '': { 'app_1.0_amd64': {}, docs_1_all: {} } },
});

/** The first state without signatures. */
export const unsignedState = without(firstState, /InRelease|Release\.gpg/);

/** A key that signed nothing. */
export const otherKey = { 'other.gpg': (await signingKey('stranger')).signer.publicKey.binary };

/** An archive without the files whose paths match. */
export function without(archive: UpstreamArchive, pattern: RegExp): UpstreamArchive {
  return new Map([...archive].filter(([path]) => !pattern.test(path)));
}

/** An archive in which a file has a line more than it should. */
export function appended(archive: UpstreamArchive, path: string): UpstreamArchive {
  return new Map([
    ...archive,
    [path, Buffer.concat([archive.get(path) ?? Buffer.of(), Buffer.from('Extra: x\n')])],
  ]);
}
