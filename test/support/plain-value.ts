import assert from 'node:assert/strict';

/**
 * What every value of a use-case is: data that a queue, a worker thread and an HTTP body can carry. It survives JSON and
 * a structured clone as it is, but for fields that are undefined.
 */
export function assertPlain(value: unknown, what: string): void {
  assertPlainPart(value, what);
  assert.deepEqual(structuredClone(value), value, what);
}

function assertPlainPart(value: unknown, where: string): void {
  switch (typeof value) {
    case 'undefined':
    case 'string':
    case 'boolean':
      return;
    case 'number':
      assert.ok(Number.isFinite(value), `${where} is ${value}, which JSON has no word for`);
      return;
    case 'object': {
      if (value === null) return;
      const prototype: unknown = Object.getPrototypeOf(value);
      const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
      assert.ok(isPlain, `${where} is a ${value.constructor.name}`);
      for (const [key, part] of Object.entries(value)) assertPlainPart(part, `${where}.${key}`);
      return;
    }
    default:
      assert.fail(`${where} is a ${typeof value}`);
  }
}
