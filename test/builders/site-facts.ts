import type { SiteFacts } from '../../src/http/site-facts.ts';

/** A mirror with one signed publication. */
export function makeSiteFacts(changes: Partial<SiteFacts> = {}): SiteFacts {
  return {
    title: 'Test mirror',
    publicUrl: 'https://mirror.example.org/apt/',
    publications: [
      {
        prefix: 'ubuntu',
        distribution: 'xenial',
        components: ['main', 'universe'],
        architectures: ['amd64', 'i386'],
        label: 'Ubuntu',
        updatedAt: new Date('2016-04-21T23:23:46Z'),
        packages: 60123,
      },
    ],
    key: {
      fingerprint: '0123456789abcdef0123456789abcdef01234567',
      armored: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
      binary: Buffer.from([0x99, 0x02, 0x0d]),
    },
    ...changes,
  };
}
