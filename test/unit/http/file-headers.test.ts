import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheControlOf, contentTypeOf } from '../../../src/http/file-headers.ts';

const text = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const types: readonly (readonly [path: string, type: string])[] = [
  ['dists/xenial/InRelease', text],
  ['dists/xenial/Release', text],
  ['dists/xenial/Release.gpg', 'application/pgp-signature'],
  ['dists/xenial/main/binary-amd64/Packages', text],
  ['dists/xenial/main/source/Sources', text],
  ['dists/xenial/main/i18n/Translation-en', text],
  ['dists/xenial/Contents-amd64', text],
  ['dists/xenial/main/binary-amd64/Packages.gz', 'application/gzip'],
  ['dists/xenial/main/binary-amd64/Packages.xz', 'application/x-xz'],
  ['dists/xenial/main/binary-amd64/Packages.bz2', 'application/x-bzip2'],
  [`dists/xenial/main/binary-amd64/by-hash/SHA256/${sha256}`, binary],
  ['dists/xenial/main/installer-amd64/current/images/SHA256SUMS', text],
  ['dists/xenial/main/installer-amd64/current/images/netboot/linux', binary],
  ['pool/main/h/hello/hello_2.10-1_amd64.deb', 'application/vnd.debian.binary-package'],
  ['pool/main/h/hello/hello_2.10-1_amd64.udeb', 'application/vnd.debian.binary-package'],
  ['pool/main/h/hello/hello_2.10-1.dsc', text],
  ['pool/main/h/hello/hello_2.10.orig.tar.gz', 'application/gzip'],
  ['pool/main/h/hello/hello_2.10.orig.tar.gz.asc', 'application/pgp-signature'],
  ['keys/archive.asc', 'application/pgp-keys'],
  ['keys/archive.gpg', 'application/pgp-keys'],
  ['x.js', binary],
  ['x.constructor', binary],
  ['', binary],
];

for (const [path, type] of types) {
  test(`${path} is ${type}`, () => {
    const found = contentTypeOf(path.split('/'));

    assert.equal(found, type);
  });
}

const immutable: readonly (readonly [path: string, expected: boolean])[] = [
  ['pool/main/h/hello/hello_2.10-1_amd64.deb', true],
  ['ubuntu/pool/main/h/hello/hello_2.10-1_amd64.deb', true],
  [`dists/xenial/main/binary-amd64/by-hash/SHA256/${sha256}`, true],
  ['dists/xenial/main/binary-amd64/by-hash/SHA256/Packages', false],
  ['dists/xenial/InRelease', false],
  ['dists/xenial/main/binary-amd64/Packages.gz', false],
  ['pool/dists/xenial/InRelease', false],
  ['dists/pool/InRelease', false],
  ['dists/by-hash/InRelease', false],
  ['pool', false],
  ['key.asc', false],
];

for (const [path, expected] of immutable) {
  test(`${path} is ${expected ? 'immutable' : 'to be revalidated'}`, () => {
    const header = cacheControlOf(path.split('/'));

    assert.equal(header, expected ? 'public, max-age=31536000, immutable' : 'no-cache, must-revalidate');
  });
}
