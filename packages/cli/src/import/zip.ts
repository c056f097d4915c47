/** What the directory of a zip says it holds. */
export interface ZipDirectory {
  names: string[];
  /** Sum of the sizes after unpacking. */
  unpacked: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;

/** Reads the directory at the end of a zip; null when there is none, as in half a file. */
export const zipDirectory = (bytes: Buffer): ZipDirectory | null => {
  const end = findEnd(bytes);
  if (end === null) return null;
  const names: string[] = [];
  let unpacked = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY) return null;
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const nameEnd = at + 46 + nameLength;
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    names.push(bytes.toString('utf8', at + 46, nameEnd));
    unpacked += size === 0xffffffff ? longSize(bytes.subarray(nameEnd, extraEnd)) : size;
    at = extraEnd + bytes.readUInt16LE(at + 32);
  }
  return { names, unpacked };
};

const findEnd = (bytes: Buffer): number | null => {
  const first = Math.max(0, bytes.length - END_SIZE - MAX_COMMENT);
  for (let at = bytes.length - END_SIZE; at >= first; at -= 1) {
    if (bytes.readUInt32LE(at) === END) return at;
  }
  return null;
};

/** The size in the zip64 extra field, which some writers use for small files too. */
const longSize = (extra: Buffer): number => {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1 && at + 12 <= extra.length) {
      return Number(extra.readBigUInt64LE(at + 4));
    }
  }
  return Infinity;
};
