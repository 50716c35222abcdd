import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteKey } from '../../../src/http/site-facts.ts';
import { siteHtml } from '../../../src/http/site-html.ts';
import { siteText } from '../../../src/http/site-text.ts';
import { makeSiteFacts, sampleKey, sampleSitePublication } from '../../builders/site-facts.ts';

const base = 'http://mirror:8080';

test('the text tells all that a client needs', () => {
  const text = siteText(makeSiteFacts(), base);

  for (const piece of [
    'Test mirror\n===========\n',
    '    deb [signed-by=/etc/apt/keyrings/espejo.gpg] http://mirror:8080/ubuntu xenial main universe\n',
    '    deb http://mirror:8080/ubuntu xenial main universe\n',
    '    Types: deb\n    URIs: http://mirror:8080/ubuntu\n    Suites: xenial\n    Components: main universe\n',
    '    curl -fsSL http://mirror:8080/espejo.gpg | sudo tee /etc/apt/keyrings/espejo.gpg >/dev/null\n',
    '    curl -fsSL http://mirror:8080/espejo.gpg | sudo tee /etc/apt/trusted.gpg.d/espejo.gpg >/dev/null\n',
    '0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567',
    '60,123',
    '2016-04-21 23:23 UTC',
    'http://mirror:8080/ubuntu/dists/xenial/',
  ]) {
    assert.ok(text.includes(piece), piece);
  }
});

test('the page tells the same', () => {
  const html = siteHtml(makeSiteFacts(), base);

  for (const piece of [
    '<title>Test mirror</title>',
    '<code>deb [signed-by=/etc/apt/keyrings/espejo.gpg] http://mirror:8080/ubuntu xenial main universe</code>',
    '0123 4567 89AB CDEF',
    '<dd>60,123</dd>',
    '<a href="http://mirror:8080/ubuntu/dists/xenial/">',
    '<a href="http://mirror:8080/espejo.asc">',
  ]) {
    assert.ok(html.includes(piece), piece);
  }
});

test('the page needs nothing but itself: no script, no resource, no handler', () => {
  const html = siteHtml(makeSiteFacts(), base);

  assert.doesNotMatch(html, /<script|<img|<link|<iframe|@import|url\(|\son[a-z]+=/i);
});

test('every fact is escaped', () => {
  const evil = '"><script>alert(1)</script>\u0000\n';
  const facts = makeSiteFacts({
    title: evil,
    publications: [
      {
        prefix: evil,
        distribution: evil,
        components: [evil],
        architectures: [evil],
        label: evil,
        updatedAt: new Date(Number.NaN),
        packages: 1,
        signature: {
          kind: 'signed',
          keys: [{ fingerprint: evil, armored: evil, binary: Buffer.from(evil), doubt: evil }],
        },
      },
      {
        ...sampleSitePublication,
        signature: { kind: 'unknown', keyIds: [evil], reason: evil },
      },
    ],
    key: { fingerprint: evil, armored: evil, binary: Buffer.from(evil) },
  });

  const html = siteHtml(facts, `http://mirror/${evil}`);

  assert.doesNotMatch(html, /<script/i);
});

test('a URL that is no web address is not linked', () => {
  const html = siteHtml(makeSiteFacts(), 'javascript:alert(1)//');

  assert.doesNotMatch(html, /href="javascript/i);
});

test('what is not signed is said to be so, its lines trust by name, and no key is offered', () => {
  const unsigned = { ...sampleSitePublication, signature: { kind: 'unsigned' } } as const;

  const text = siteText(makeSiteFacts({ publications: [unsigned] }), base);

  assert.match(text, /deb \[trusted=yes\] http:\/\/mirror:8080\/ubuntu xenial/);
  assert.match(text, /This publication is not signed/);
  assert.doesNotMatch(text, /espejo\.gpg|espejo\.asc|Install the key/);
});

const otherKey: SiteKey = { ...sampleKey, fingerprint: 'FEDCBA9876543210FEDCBA9876543210FEDCBA98' };
const stranger = { kind: 'signed', keys: [otherKey] } as const;

test('a publication that another key signed names that key, where it is served and where it lies', () => {
  const publications = [{ ...sampleSitePublication, signature: stranger }];

  const text = siteText(makeSiteFacts({ publications }), base);

  const url = `http://mirror:8080/keys/${otherKey.fingerprint}`;
  for (const piece of [
    `    curl -fsSL ${url}.gpg | sudo tee /etc/apt/keyrings/espejo-${otherKey.fingerprint.slice(-16)}.gpg >/dev/null`,
    `${url}.asc`,
    `deb [signed-by=/etc/apt/keyrings/espejo-${otherKey.fingerprint.slice(-16)}.gpg] http://mirror:8080/ubuntu xenial`,
    'FEDC BA98 7654 3210 FEDC BA98 7654 3210 FEDC BA98',
  ])
    assert.ok(text.includes(piece), piece);
  assert.doesNotMatch(text, /trusted=yes|espejo\.gpg/);
});

test('each key is installed for the publications that it verifies', () => {
  const publications = [
    sampleSitePublication,
    { ...sampleSitePublication, prefix: 'tools', signature: stranger },
    { ...sampleSitePublication, distribution: 'bionic' },
  ];

  const text = siteText(makeSiteFacts({ publications }), base);

  assert.match(text, /^Install the key of ubuntu xenial, ubuntu bionic\n/m);
  assert.match(text, /^Install the key of tools xenial\n/m);
});

test('of several signers one key is installed, and all are named', () => {
  const signature = { kind: 'signed', keys: [otherKey, sampleKey] } as const;

  const text = siteText(makeSiteFacts({ publications: [{ ...sampleSitePublication, signature }] }), base);

  assert.match(text, /Signed by: +FEDC BA98 .* BA98, 0123 4567 .* 4567\n/);
  assert.equal(text.match(/sudo tee \/etc\/apt\/keyrings/g)?.length, 1);
});

test('a key that is not known is told by its id, and nothing is trusted without it', () => {
  const signature = {
    kind: 'unknown',
    keyIds: ['40976EAF437D05B5'],
    reason: 'the key is not in the keyring',
  } as const;

  const text = siteText(makeSiteFacts({ publications: [{ ...sampleSitePublication, signature }] }), base);

  assert.match(text, /signed by the key 4097 6EAF 437D 05B5 that cannot be verified here: the key is not/);
  assert.match(text, /deb \[signed-by=\/etc\/apt\/keyrings\/espejo-40976EAF437D05B5\.gpg\]/);
  assert.doesNotMatch(text, /trusted=yes|Install the key/);
});

test('what newer clients refuse of a key is told', () => {
  const weak = { ...sampleKey, doubt: 'an RSA key of 1024 bits is too weak' };
  const publication = { ...sampleSitePublication, signature: { kind: 'signed', keys: [weak] } } as const;

  const text = siteText(makeSiteFacts({ publications: [publication] }), base);

  assert.match(
    text,
    /Newer clients may refuse the signature of 0123 .*: an RSA key of 1024 bits is too weak\./,
  );
});

test('without a publication the text says so', () => {
  const text = siteText(makeSiteFacts({ publications: [] }), base);

  assert.match(text, /Nothing is published yet/);
});

test('publications that are not served here are named', () => {
  const elsewhere = ['filesystem:other:./stable', 'filesystem:x:<b>/y'];
  const some = siteText({ ...makeSiteFacts(), elsewhere }, base);
  const none = siteHtml({ ...makeSiteFacts(), publications: [], elsewhere }, base);

  assert.match(some, /not served here: filesystem:other:\.\/stable, filesystem:x:<b>\/y\./);
  assert.match(
    none,
    /Nothing is published yet[\s\S]*not served here: filesystem:other:\.\/stable, filesystem:x:&lt;b&gt;\/y\./,
  );
  assert.doesNotMatch(siteText(makeSiteFacts(), base), /not served here/);
});
