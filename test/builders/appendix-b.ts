import { PackageSet } from '../../src/packages/package-set.ts';
import { member } from './members.ts';

/** The set that the evaluation vectors of aptly's description are about. */
export const appendixB: PackageSet = PackageSet.of([
  member('aa_1.0_amd64', { fields: { Section: 'net', Depends: 'bb (>= 1.0), cc | dd' } }),
  member('aa_2.0_amd64', { fields: { Section: 'net', Depends: 'bb (>= 1.0), cc | dd' } }),
  member('aa_3.0_amd64', { fields: { Depends: 'bb:any' } }),
  member('bb_1.0_amd64', { fields: { Recommends: 'rr', Suggests: 'ss' } }),
  member('cc_1.0_all'),
  member('dd_1.0_amd64'),
  member('rr_1.0_amd64'),
  member('ss_1.0_amd64'),
  member('vv_5.0_amd64', { fields: { Provides: 'virt (= 2.0), bb' } }),
  member('zz_1.0_amd64', { fields: { Depends: 'virt (>= 2)' } }),
  member('yy_1.0_amd64', { fields: { Depends: 'virt (>= 3)', Source: 'ysrc (0.9)' } }),
  member('libx_1.0_amd64', { fields: { Source: 'libxsrc' } }),
  member('ee_1:1.0_amd64'),
]);
