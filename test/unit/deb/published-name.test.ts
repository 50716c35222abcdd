import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedFileName } from '../../../src/deb/published-name.ts';

const web = { name: 'web', version: '1:1.0~rc1-1', architecture: 'amd64' };

for (const name of [
  'web_1.0~rc1-1_amd64.deb',
  'web_1%3a1.0~rc1-1_amd64.deb',
  'web-1.0.rc1-1.x86_64.deb',
  'a web 1.0-rc1-1.deb',
  'Web_1.0RC1-1.udeb',
])
  test(`${name} keeps its name`, () => {
    assert.equal(publishedFileName(name, web), name);
  });

for (const [name, published] of [
  ['web.deb', 'web_1.0~rc1-1_amd64.deb'],
  ['web_current_amd64.udeb', 'web_1.0~rc1-1_amd64.udeb'],
  ['web#1.0~rc1-1.deb', 'web_1.0~rc1-1_amd64.deb'],
  ['web?v=1.0~rc1-1.ddeb', 'web_1.0~rc1-1_amd64.ddeb'],
  ['web.deb?token=1', 'web_1.0~rc1-1_amd64.deb'],
  ['download', 'web_1.0~rc1-1_amd64.deb'],
  ['.web_1.0~rc1-1.deb', 'web_1.0~rc1-1_amd64.deb'],
] as const)
  test(`${name} is published as ${published}`, () => {
    assert.equal(publishedFileName(name, web), published);
  });

test('a name that is made has no part of a path in it', () => {
  const odd = { name: '../x', version: '1/2:3', architecture: 'a b' };

  assert.equal(publishedFileName('web.deb', odd), '_./x_3_a_b.deb'.replace('/', '_'));
});
