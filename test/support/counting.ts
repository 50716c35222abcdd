/**
 * The same object, with `count` before each of its methods and of those of the objects in it: where it throws, the method
 * is not called.
 */
export function counting<Target extends object>(target: Target, count: () => void): Target {
  return new Proxy(
    { ...target },
    {
      get(_, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'objects' && typeof value === 'object' && value !== null) return counting(value, count);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          count();
          return Reflect.apply(value, target, args);
        };
      },
    },
  );
}
