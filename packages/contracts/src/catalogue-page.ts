import { published, type Published } from './published.js';

const INTRODUCTION = `# The event catalogue

Generated from \`packages/contracts\` by \`npm run catalogue\`; do not edit.

What the services tell the world. The same for machines: [asyncapi.yaml](asyncapi.yaml) (AsyncAPI 3), one golden snapshot with JSON Schema and example per version in [packages/contracts/snapshots](../../packages/contracts/snapshots), and TypeScript types in \`@yanxiu/contracts\`. What may change, and what is a new version: [decision 8](../decisions/0008-event-catalogue.md). A small consumer to start from: [examples/downstream-promotion](../../examples/downstream-promotion).

**中文概要** 本目录列出平台各服务对外发布的全部事件：类型、发布方、主题、消息键、个人信息等级（P0 不含个人信息，P1 仅含假名标识，姓名、电话、证件号从不出现）、保留方式以及所依据的文件条款编号。事件采用 CloudEvents 1.0 结构化 JSON；消费方按（主题、键、aggregateversion）去重，忽略不认识的字段与类型；同一版本内只会新增可选字段，其余变更一律以新版本（\`….v2\`）发布。

**Reading.** A message's value is a CloudEvents 1.0 envelope in structured JSON, its key the envelope's \`subject\`. Each key's events are numbered 1, 2, 3 … (\`aggregateversion\`); delivery is at least once and in order, so act once per topic, key and version, and take what comes twice as read. Ignore fields and types that you do not know. Topics kept *forever* hold the whole history. A topic \`….state\`, kept *compacted*, holds the newest snapshot of each key: read it to start from the present. Its versions are those of the last event that it includes, so they have gaps; keep the newest that you have seen of a key and ignore what is older, since an older one may come again. A message without a value would say that the key is gone; today nothing ever is. **Class** P0 says nothing of a person; P1 is a fact about one person under an id without a name.

**Serves** names the lines of the guideline (晋教师〔2023〕4号) in the project's list of requirements.
`;

/** `docs/events/README.md`. */
export function cataloguePage(): string {
  const owners = [...new Set(published.map(({ owner }) => owner))];
  const sections = owners.map((owner) => section(owner));
  return `${[INTRODUCTION, ...sections].join('\n')}`;
}

function section(owner: string): string {
  const entries = published.filter((entry) => entry.owner === owner);
  const topics = [...new Set(entries.map(({ topic }) => topic))];
  const tables = topics.map((topic) => table(entries.filter((entry) => entry.topic === topic)));
  return `## ${owner}\n\n${tables.join('\n')}`;
}

function table(entries: readonly Published[]): string {
  const [first] = entries;
  if (!first) return '';
  const head = `### \`${first.topic}\`\n\nKey: ${first.key}. Kept: ${first.retention}.\n\n`;
  const rows = entries.map(
    ({ type, en, zh, dataClass, serves }) =>
      `| \`${type}\` | ${en}<br>${zh} | ${dataClass} | ${serves.join(', ')} |`,
  );
  return `${head}| type | told when | class | serves |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}
