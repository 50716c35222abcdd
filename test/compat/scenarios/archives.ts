import { makeArchive, trustedKeys } from '../../support/oracle/make-archive.ts';

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
