// Which rows of a long list are drawn. Rows have one height, so this is arithmetic and needs no library.
export interface Slice { first: number; last: number; before_px: number; after_px: number }

export function slice(n: number, row_px: number, top_px: number, height_px: number, spare = 8): Slice {
  const first = Math.max(0, Math.min(n, Math.floor(top_px / row_px) - spare));
  const last = Math.max(first, Math.min(n, Math.ceil((top_px + height_px) / row_px) + spare));
  return { first, last, before_px: first * row_px, after_px: (n - last) * row_px };
}
