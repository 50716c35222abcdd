import type { SiteFacts, SiteKey, SitePublication } from '../../src/http/site-facts.ts';

export const sampleKey: SiteKey = {
  fingerprint: '0123456789ABCDEF0123456789ABCDEF01234567',
  armored: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
  binary: Buffer.from([0x99, 0x02, 0x0d]),
};

export const sampleSitePublication: SitePublication = {
  prefix: 'ubuntu',
  distribution: 'xenial',
  components: ['main', 'universe'],
  architectures: ['amd64', 'i386'],
  label: 'Ubuntu',
  updatedAt: new Date('2016-04-21T23:23:46Z'),
  packages: 60123,
  signature: { kind: 'signed', keys: [sampleKey] },
};

/** A mirror with one signed publication. */
export function makeSiteFacts(changes: Partial<SiteFacts> = {}): SiteFacts {
  return {
    title: 'Test mirror',
    publicUrl: 'https://mirror.example.org/apt/',
    publications: [sampleSitePublication],
    key: sampleKey,
    ...changes,
  };
}
