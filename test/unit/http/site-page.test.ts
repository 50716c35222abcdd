import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteHtml } from '../../../src/http/site-html.ts';
import { siteText } from '../../../src/http/site-text.ts';
import { makeSiteFacts } from '../../builders/site-facts.ts';

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

test('without a key the lines trust by name and no key is offered', () => {
  const text = siteText(makeSiteFacts({ key: undefined }), base);

  assert.match(text, /deb \[trusted=yes\] http:\/\/mirror:8080\/ubuntu xenial/);
  assert.match(text, /does not sign/);
  assert.doesNotMatch(text, /espejo\.gpg|espejo\.asc/);
});

test('without a publication the text says so', () => {
  const text = siteText(makeSiteFacts({ publications: [] }), base);

  assert.match(text, /Nothing is published yet/);
});
