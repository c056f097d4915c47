import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchToken } from '../api.js';
import type { Example, Persona } from '../api.js';
import icon from '../icon.svg';

interface Props {
  readonly localIssuer: boolean;
  readonly examples: readonly Example[];
  readonly personas: readonly Persona[];
  readonly firstExample: string | null;
  readonly firstPersona: string | null;
  readonly onToken: (token: string | null) => void;
}

const ANONYMOUS = '';

/** Who asks, and what: a persona picker and the examples. */
export function TopBar(props: Props): ReactNode {
  const { examples, personas, firstExample, firstPersona, onToken } = props;
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const [persona, setPersona] = useState(ANONYMOUS);
  const [note, setNote] = useState('');
  const opened = useRef(false);

  async function choosePersona(name: string): Promise<void> {
    setPersona(name);
    setNote('');
    onToken(null);
    if (name === ANONYMOUS) return;
    try {
      onToken(await fetchToken(name));
    } catch (error) {
      setPersona(ANONYMOUS);
      setNote(error instanceof Error ? error.message : String(error));
    }
  }

  async function chooseExample(name: string): Promise<void> {
    const example = examples.find((each) => each.name === name);
    if (example === undefined) return;
    const untouched = queryEditor?.getValue().includes('query Instruments {') ?? false;
    if (!untouched) addTab();
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(JSON.stringify(example.variables, null, 2));
    if (props.localIssuer) await choosePersona(example.persona ?? ANONYMOUS);
  }

  useEffect(() => {
    if (opened.current || queryEditor === undefined || variableEditor === undefined) return;
    opened.current = true;
    if (firstExample !== null) void chooseExample(firstExample);
    else if (firstPersona !== null) void choosePersona(firstPersona);
  });

  return (
    <header className="bar">
      <a className="brand" href="/">
        <img src={icon} alt="" width="24" height="24" />
        <b>研修</b> Yanxiu
      </a>
      {props.localIssuer && (
        <PersonaPicker personas={personas} chosen={persona} onChoose={choosePersona} />
      )}
      <ExamplePicker examples={examples} onChoose={chooseExample} />
      {note !== '' && (
        <span className="note" role="alert">
          {note}
        </span>
      )}
      <nav>
        <a href="/docs">Docs 文档</a>
      </nav>
    </header>
  );
}

function PersonaPicker(props: {
  readonly personas: readonly Persona[];
  readonly chosen: string;
  readonly onChoose: (name: string) => Promise<void>;
}): ReactNode {
  return (
    <label>
      Persona 身份
      <select
        id="persona"
        value={props.chosen}
        onChange={(event) => void props.onChoose(event.target.value)}
      >
        <option value={ANONYMOUS}>anonymous 未登录</option>
        {props.personas.map((each) => (
          <option key={each.persona} value={each.persona}>
            {each.persona} {each.zh}
          </option>
        ))}
      </select>
    </label>
  );
}

function ExamplePicker(props: {
  readonly examples: readonly Example[];
  readonly onChoose: (name: string) => Promise<void>;
}): ReactNode {
  return (
    <label>
      Example 示例
      <select id="example" value="" onChange={(event) => void props.onChoose(event.target.value)}>
        <option value="">choose 请选择…</option>
        {props.examples.map((each) => (
          <option key={each.name} value={each.name}>
            {each.name}
          </option>
        ))}
      </select>
    </label>
  );
}
