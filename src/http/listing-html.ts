import { formatBytes } from '../core/units.ts';
import { escapeHtml, htmlPage } from './html.ts';
import type { Listing, ListingEntry } from './list-directory.ts';
import { formatTime } from './site-wording.ts';

/** The page of a directory whose path from the root of the tree is `segments`. All links are relative. */
export function listingHtml(segments: readonly string[], { entries, complete }: Listing): string {
  const path = `/${segments.map((segment) => `${segment}/`).join('')}`;
  const rest = complete ? '' : '\n<p class="soft">There is more than can be shown here.</p>';
  return htmlPage(
    path,
    `<h1>${escapeHtml(path)}</h1>
<table>
<thead><tr><th>Name</th><th class="number">Size</th><th>Changed</th></tr></thead>
<tbody>
<tr><td><a href="../">../</a></td><td></td><td></td></tr>
${entries.map(row).join('\n')}
</tbody>
</table>${rest}`,
  );
}

function row({ name, size, modifiedAt }: ListingEntry): string {
  const slash = size === undefined ? '/' : '';
  const cells = [
    `<td><a href="./${escapeHtml(encodeURIComponent(name) + slash)}">${escapeHtml(name + slash)}</a></td>`,
    `<td class="number">${size === undefined ? '' : escapeHtml(formatBytes(size))}</td>`,
    `<td class="date">${escapeHtml(formatTime(modifiedAt))}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}
