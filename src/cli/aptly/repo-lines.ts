/** What aptly says at the end with `-dry-run`. */
export const dryRunLines: readonly string[] = ['', 'Changes not saved, as dry run has been requested.'];
