/** What aptly says before it reads the packages of a repository that it changes. */
export const loadingLine = 'Loading packages...';

/** What aptly says at the end with `-dry-run`. */
export const dryRunLines: readonly string[] = ['', 'Changes not saved, as dry run has been requested.'];
