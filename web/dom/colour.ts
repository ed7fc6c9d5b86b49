const LIGHT = '#ffffff';
const DARK = '#000000';

function channel(value: number): number {
  const part = value / 255;
  return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The WCAG contrast ratio of two `#rrggbb` colours. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** The organisation's colour and the readable ink on it; null unless it is written `#rrggbb`. */
export function brand(colour: string): { ground: string; ink: string } | null {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return null;
  return { ground: colour, ink: contrast(colour, LIGHT) >= contrast(colour, DARK) ? LIGHT : DARK };
}
