/** A directory where publications lie, and how package files get there (spec/config.md 3.3). */
export type Storage = {
  /** Absolute. */
  readonly directory: string;
  readonly link: 'hardlink' | 'symlink' | 'copy';
  /** What tells whether a copy is the file that it should be. */
  readonly verify: 'digest' | 'size';
};
