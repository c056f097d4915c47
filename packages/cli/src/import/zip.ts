/** A file within a zip. */
export interface ZipEntry {
  name: string;
  /** 0: stored as it is, 8: deflated. */
  method: number;
  /** Its bytes as they stand in the zip. */
  packed: Buffer;
  /** Its size after unpacking, as the directory says. */
  unpacked: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const MAX_COMMENT = 0xffff;
const PIECE = 256 * 1024;
const IN_EXTRA = 0xffffffff;
/** Sizes of what may follow an entry that was written before its size was known. */
const DESCRIPTORS = [0, 12, 16, 20, 24];

interface Listed extends Omit<ZipEntry, 'packed'> {
  packedSize: number;
  offset: number;
}

/**
 * The entries of a zip; null when there is no directory, as in half a file, or when entries do not
 * follow each other as it lists them: who reads on from one to the next would find others.
 */
export const zipEntries = (bytes: Buffer): ZipEntry[] | null => {
  const end = findEnd(bytes);
  if (end === null) return null;
  const directory = bytes.readUInt32LE(end + 16);
  const listed = listedIn(bytes, directory, bytes.readUInt16LE(end + 10));
  if (!listed) return null;
  const ordered = listed.sort((a, b) => a.offset - b.offset);
  const entries: ZipEntry[] = [];
  let expected = 0;
  for (const [index, entry] of ordered.entries()) {
    const start = entry.offset === expected ? dataStart(bytes, entry) : null;
    if (start === null) return null;
    const dataEnd = start + entry.packedSize;
    expected = ordered[index + 1]?.offset ?? directory;
    if (!DESCRIPTORS.includes(expected - dataEnd)) return null;
    const { name, method, unpacked } = entry;
    entries.push({ name, method, unpacked, packed: bytes.subarray(start, dataEnd) });
  }
  return entries;
};

const listedIn = (bytes: Buffer, directory: number, count: number): Listed[] | null => {
  const listed: Listed[] = [];
  let at = directory;
  for (let left = count; left > 0; left -= 1) {
    if (at + ENTRY_SIZE > bytes.length || bytes.readUInt32LE(at) !== ENTRY) return null;
    const nameEnd = at + ENTRY_SIZE + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const long = longSizes(bytes.subarray(nameEnd, extraEnd));
    const size = (offset: number): number => {
      const value = bytes.readUInt32LE(at + offset);
      return value === IN_EXTRA ? (long.shift() ?? Infinity) : value;
    };
    const unpacked = size(24);
    const packedSize = size(20);
    listed.push({
      name: bytes.toString('utf8', at + ENTRY_SIZE, nameEnd),
      method: bytes.readUInt16LE(at + 10),
      unpacked,
      packedSize,
      offset: size(42),
    });
    at = extraEnd + bytes.readUInt16LE(at + 32);
  }
  return listed;
};

/** Where the bytes of an entry begin; null when its own header names another file. */
const dataStart = (bytes: Buffer, { offset, name }: Listed): number | null => {
  if (offset + LOCAL_SIZE > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) return null;
  const nameEnd = offset + LOCAL_SIZE + bytes.readUInt16LE(offset + 26);
  if (bytes.toString('utf8', offset + LOCAL_SIZE, nameEnd) !== name) return null;
  return nameEnd + bytes.readUInt16LE(offset + 28);
};

const findEnd = (bytes: Buffer): number | null => {
  const first = Math.max(0, bytes.length - END_SIZE - MAX_COMMENT);
  for (let at = bytes.length - END_SIZE; at >= first; at -= 1) {
    if (bytes.readUInt32LE(at) === END) return at;
  }
  return null;
};

/** The sizes in the zip64 extra field, which some writers use for small files too. */
const longSizes = (extra: Buffer): number[] => {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const count = Math.floor(Math.min(extra.readUInt16LE(at + 2), extra.length - at - 4) / 8);
    return Array.from({ length: count }, (_, n) => Number(extra.readBigUInt64LE(at + 4 + 8 * n)));
  }
  return [];
};

/**
 * The pieces of a zip of these entries, in the order given. The directory at its end lists none:
 * it is for a reader that goes from one entry to the next.
 */
export function* zipPieces(entries: Iterable<ZipEntry>): Generator<Buffer> {
  for (const { name, method, packed, unpacked } of entries) {
    const path = Buffer.from(name);
    const header = Buffer.alloc(LOCAL_SIZE);
    header.writeUInt32LE(LOCAL, 0);
    header.writeUInt16LE(method, 8);
    header.writeUInt32LE(packed.length, 18);
    header.writeUInt32LE(unpacked, 22);
    header.writeUInt16LE(path.length, 26);
    yield Buffer.concat([header, path]);
    for (let at = 0; at < packed.length; at += PIECE) yield packed.subarray(at, at + PIECE);
  }
  const end = Buffer.alloc(END_SIZE);
  end.writeUInt32LE(END, 0);
  yield end;
}
