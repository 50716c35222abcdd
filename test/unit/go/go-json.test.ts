import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../../src/core/compare-bytes.ts';
import { goMap, renderGoJson } from '../../../src/go/go-json.ts';

describe('renderGoJson', () => {
  it('escapes what Go escapes', () => {
    const text = renderGoJson('<a & "b">\u2028\u2029\n\u0001\u007f\ud800é\\', 2);

    assert.equal(text, '"\\u003ca \\u0026 \\"b\\"\\u003e\\u2028\\u2029\\n\\u0001\u007f\ufffdé\\\\"');
  });

  it('indents nested values and keeps empty ones on the line', () => {
    const text = renderGoJson({ b: [1, { c: null }], a: [], o: {}, n: null, t: true, big: 1n }, 4);

    assert.equal(
      text,
      `{
    "b": [
        1,
        {
            "c": null
        }
    ],
    "a": [],
    "o": {},
    "n": null,
    "t": true,
    "big": 1
}`,
    );
  });

  it('writes one line without indentation', () => {
    assert.equal(renderGoJson({ a: [1, 2], b: { c: '' } }, 0), '{"a":[1,2],"b":{"c":""}}');
  });

  it('leaves undefined members out', () => {
    assert.equal(renderGoJson({ a: undefined, b: 1 }, 0), '{"b":1}');
    assert.equal(renderGoJson({ a: undefined }, 2), '{}');
  });

  it('keeps the order of maps, and sorts those of Go by bytes', () => {
    const map = new Map([
      ['9', 1],
      ['10', 2],
      ['B', 3],
    ]);

    assert.equal(renderGoJson(map, 0), '{"9":1,"10":2,"B":3}');
    assert.equal(renderGoJson(goMap(map), 0), '{"10":2,"9":1,"B":3}');
    assert.equal(renderGoJson(goMap({ b: 1, a: 2 }), 0), '{"a":2,"b":1}');
  });

  it('means what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 2, 4), (value, indent) => {
        const text = renderGoJson(value as Parameters<typeof renderGoJson>[0], indent as 0 | 2 | 4);

        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('compareBytes', () => {
  it('orders texts by their UTF-8', () => {
    assert.deepEqual(['\u{1f600}', '\uffee', 'b', 'a', 'B'].toSorted(compareBytes), [
      'B',
      'a',
      'b',
      '\uffee',
      '\u{1f600}',
    ]);
    assert.equal(compareBytes('a', 'a'), 0);
  });
});
