import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EspejoError } from '../../src/core/errors.ts';
import { makeSiteFacts, sampleKey, sampleSitePublication } from '../builders/site-facts.ts';
import { startServer } from '../support/http-server.ts';

test('a browser gets the page under a strict policy', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: '/', headers: { accept: 'text/html,*/*;q=0.8' } });

  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(
    String(answer.headers['content-security-policy']),
    /^default-src 'none'; style-src 'unsafe-inline';/,
  );
  assert.match(answer.body, /https:\/\/mirror\.example\.org\/apt\/ubuntu xenial main universe/);
});

const textRequests = [
  { url: '/?format=text' },
  { url: '/', headers: { accept: 'text/plain' } },
  { url: '/', headers: { accept: 'text/plain;q=0.9, text/html;q=0.5' } },
];

for (const request of textRequests) {
  test(`${JSON.stringify(request)} gives the text`, async (t) => {
    const { server } = await startServer(t);

    const answer = await server.inject(request);

    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.match(answer.body, /^Test mirror\n/);
  });
}

test('curl without an Accept of its own gets the page', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: '/', headers: { accept: '*/*', 'user-agent': 'curl/8' } });

  assert.match(answer.body, /^<!doctype html>/);
});

test('without a public URL the Host header names the mirror, unless it is no host', async (t) => {
  const { server } = await startServer(t, { site: async () => makeSiteFacts({ publicUrl: undefined }) });

  const named = await server.inject({ url: '/', headers: { host: 'mirror.lan:8080' } });
  const forged = await server.inject({ url: '/', headers: { host: 'evil"><b>' } });

  assert.match(named.body, /http:\/\/mirror\.lan:8080\/ubuntu xenial/);
  assert.doesNotMatch(forged.body, /evil/);
});

test('HEAD of the page has no body', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ method: 'HEAD', url: '/' });

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '');
});

test('the key is there armored and binary', async (t) => {
  const { server } = await startServer(t);

  const armored = await server.inject('/espejo.asc');
  const binary = await server.inject('/espejo.gpg');

  assert.equal(armored.body, '-----BEGIN PGP PUBLIC KEY BLOCK-----\n');
  assert.match(String(armored.headers['content-type']), /^application\/pgp-keys/);
  assert.deepEqual([...binary.rawPayload], [0x99, 0x02, 0x0d]);
});

test('without a key both say why they are not found', async (t) => {
  const { server } = await startServer(t, { site: async () => makeSiteFacts({ key: undefined }) });

  const answers = await Promise.all(['/espejo.asc', '/espejo.gpg'].map((url) => server.inject(url)));

  for (const answer of answers) {
    assert.equal(answer.statusCode, 404);
    assert.match(answer.body, /^there is no signing key: .*\n$/);
  }
});

test('the process is healthy as soon as it answers', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject('/healthz');

  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { status: 'ok' });
});

test('readiness is what the application says, with its reason', async (t) => {
  const { server: ready } = await startServer(t);
  const { server: waiting } = await startServer(t, {
    ready: async () => ({ ready: false, reason: 'nothing is published yet' }),
  });

  const yes = await ready.inject('/readyz');
  const no = await waiting.inject('/readyz');

  assert.equal(yes.statusCode, 200);
  assert.equal(no.statusCode, 503);
  assert.deepEqual(no.json(), { status: 'unavailable', reason: 'nothing is published yet' });
});

test('a readiness check that fails is not ready', async (t) => {
  const { server } = await startServer(t, { ready: async () => Promise.reject(new Error('/secret/path')) });

  const answer = await server.inject('/readyz');

  assert.equal(answer.statusCode, 503);
  assert.doesNotMatch(answer.body, /secret/);
});

test('a known failure gives its status and code, not its message', async (t) => {
  const { server } = await startServer(t, {
    site: async () => Promise.reject(new EspejoError('E_LOCKED', '/secret/path is locked')),
  });

  const answer = await server.inject('/');

  assert.equal(answer.statusCode, 409);
  assert.equal(answer.body, 'E_LOCKED: another process works on the same root directory\n');
});

test('an unknown failure gives one line without a stack', async (t) => {
  const { server } = await startServer(t, {
    site: async () => Promise.reject(new TypeError('/secret/path')),
  });

  const answer = await server.inject('/');

  assert.equal(answer.statusCode, 500);
  assert.equal(answer.body, 'E_INTERNAL: internal error\n');
});

test('the key of each signer is there by its fingerprint, and other names below keys/ are files', async (t) => {
  const key = { ...sampleKey, fingerprint: 'FEDCBA9876543210FEDCBA9876543210FEDCBA98', armored: 'other\n' };
  const publications = [{ ...sampleSitePublication, signature: { kind: 'signed', keys: [key] } } as const];
  const { server } = await startServer(t, { site: async () => makeSiteFacts({ publications }) });

  const url = `/keys/${key.fingerprint}`;
  const [armored, binary, own, unknown, file] = await Promise.all(
    [
      `${url}.asc`,
      `${url}.gpg`,
      `/keys/${sampleKey.fingerprint}.asc`,
      `/keys/${'0'.repeat(40)}.gpg`,
      '/keys/pool/a.gpg',
    ].map((one) => server.inject(one)),
  );

  assert.equal(armored?.body, 'other\n');
  assert.deepEqual([...(binary?.rawPayload ?? [])], [0x99, 0x02, 0x0d]);
  assert.equal(own?.body, sampleKey.armored);
  assert.deepEqual([unknown?.statusCode, unknown?.body], [404, 'no publication is signed by that key\n']);
  assert.deepEqual([file?.statusCode, file?.body], [404, 'not found\n']);
});
