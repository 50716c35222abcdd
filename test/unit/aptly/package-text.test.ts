import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  inListingOrder,
  packageLabel,
  packageLabelsByBytes,
  packageSection,
} from '../../../src/aptly/package-text.ts';

const packages = [
  'alpha-b 2 i386',
  'alpha 1.9 i386',
  'alpha 1.10 amd64',
  'alpha 1.9 amd64',
  'alpha 1:0.5 all',
].map((text) => {
  const [name = '', version = '', architecture = ''] = text.split(' ');
  return { name, version, architecture };
});

describe('packageLabel', () => {
  it('joins name, version with epoch and architecture', () => {
    assert.equal(packageLabel({ name: 'a', version: '1:2-3', architecture: 'all' }), 'a_1:2-3_all');
    assert.equal(packageLabel({ name: 'installer', version: '', architecture: 'amd64' }), 'installer__amd64');
  });
});

describe('inListingOrder', () => {
  it('orders by name, the newest version first, then by architecture', () => {
    assert.deepEqual(inListingOrder(packages).map(packageLabel), [
      'alpha_1:0.5_all',
      'alpha_1.10_amd64',
      'alpha_1.9_amd64',
      'alpha_1.9_i386',
      'alpha-b_2_i386',
    ]);
  });

  it('takes installer images, which have no version', () => {
    const images = ['i386', 'amd64'].map((architecture) => ({
      name: 'installer',
      version: '',
      architecture,
    }));

    assert.deepEqual(inListingOrder(images).map(packageLabel), ['installer__amd64', 'installer__i386']);
  });
});

describe('packageLabelsByBytes', () => {
  it('orders labels as texts', () => {
    assert.deepEqual(packageLabelsByBytes(packages), [
      'alpha-b_2_i386',
      'alpha_1.10_amd64',
      'alpha_1.9_amd64',
      'alpha_1.9_i386',
      'alpha_1:0.5_all',
    ]);
  });
});

describe('packageSection', () => {
  it('indents labels below their title', () => {
    assert.deepEqual(packageSection(packages.slice(0, 1)), ['Packages:', '  alpha-b_2_i386']);
  });
});
