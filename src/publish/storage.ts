/** Where publications lie and how package files get there (config.md 3.3). */
export type Storage = {
  /** Absolute: `<rootDir>/public`, or that of the endpoint. */
  readonly directory: string;
  readonly link: 'hardlink' | 'symlink' | 'copy';
  /** What tells whether a copy is the file that it should be. */
  readonly verify: 'digest' | 'size';
};

/** The endpoint without a name. */
export function defaultStorage(publicDirectory: string): Storage {
  return { directory: publicDirectory, link: 'hardlink', verify: 'digest' };
}
