/** The states worth looking at, each as what the kernel would have said. */
import type { AnswerView, CatalogModel, KernelMessage, Meta, Traits, TurnView } from "../src/protocol";

export interface Scene {
  readonly traits: Partial<Traits>;
  readonly messages: readonly KernelMessage[];
  readonly deltas?: readonly { readonly turn: number; readonly seq: number; readonly text: string }[];
  /** Buttons to press, by their name. */
  readonly press?: readonly string[];
}

const CLAUDE = { provider_name: "anthropic", name: "claude-instant-1.2" };
const GPT = { provider_name: "chat_openai", name: "gpt-4" };
const LLAMA = { provider_name: "replicate", name: "meta/llama-2-70b-chat:58d078176e02c219e11eb4da5a02a7830a283b14" };
const ORCA = { provider_name: "azure_openai", name: "gpt-35-turbo" };

const CHECKED = new Date(Date.now() - 130_000).toISOString();
const CATALOG: readonly CatalogModel[] = [
  {
    ...CLAUDE,
    input_type: "chat",
    state: "up",
    latency_ms: 310,
    checked_at: CHECKED,
    history: [330, 340, 320, 400, 370, 390, 340, 420, 310],
    skip: null,
  },
  {
    ...GPT,
    input_type: "chat",
    state: "slow",
    latency_ms: 4600,
    checked_at: CHECKED,
    history: [900, 1200, 1100, 1600, 2800, 3100, 4000, null, 4600],
    skip: "slower than 4 s",
  },
  {
    ...LLAMA,
    input_type: "chat",
    state: "unknown",
    latency_ms: null,
    checked_at: null,
    history: [],
    skip: "never checked",
  },
  {
    ...ORCA,
    input_type: "chat",
    state: "down",
    latency_ms: null,
    checked_at: CHECKED,
    history: [500, 480, null, null],
    skip: "down",
  },
  {
    provider_name: "cohere",
    name: "command-nightly",
    input_type: "completion",
    state: "up",
    latency_ms: 120,
    checked_at: CHECKED,
    history: [],
    skip: null,
  },
];

const META: Meta = {
  model_name: CLAUDE.name,
  provider: CLAUDE.provider_name,
  finish_reason: "stop_sequence",
  latency: { first_token: 0.42, total: 1.13 },
  usage: { input_tokens: 17, output_tokens: 108, total_tokens: 125 },
  route: [
    {
      model: "llama-2",
      provider: "replicate",
      outcome: "skipped",
      reason: "never checked",
      inferred: true,
      seconds: null,
    },
    {
      model: GPT.name,
      provider: GPT.provider_name,
      outcome: "failed",
      reason: "500 upstream exploded",
      inferred: false,
      seconds: 0.68,
    },
    {
      model: CLAUDE.name,
      provider: CLAUDE.provider_name,
      outcome: "answered",
      reason: null,
      inferred: false,
      seconds: 0.42,
    },
  ],
};

const RICH = `Three of the nine columns have gaps:

| column | missing | fill with |
|---|---:|---|
| \`age\` | 177 | median by class |
| \`cabin\` | 687 | its first letter, else “U” |

For the first one, **group by class** and take the *median* ([documentation](https://pandas.pydata.org/docs/)):

\`\`\`python
def fill_age(df: pd.DataFrame) -> pd.DataFrame:
    """Fill gaps in age with the median of the class."""  # 0.5 quantile
    by_class = df.groupby("pclass")["age"]
    return df.assign(age=by_class.transform("median"))
\`\`\`

1. Check that nothing is left:
   - \`df.age.isna().sum()\` is 0
   - the *shape* has not changed
2. Then plot it

- [x] read the file
- [ ] fill the gaps

> A median keeps the outliers out of it.

![A plot](https://example.org/plot.png)
`;

const LONG = `## How the gateway chooses

${"It asks the models in the order of your list, and passes over those whose last health check failed or took longer than four seconds. ".repeat(3)}

### What that means for you

${RICH}

${"Text that goes on, so that the conversation has to scroll and the reader can leave its end. ".repeat(8)}`;

const MATH = String.raw`The sample mean $\bar{x} = \frac{1}{n}\sum_{i=1}^{n} x_i$ estimates $\mu$, and its variance falls with $n$:

$$
\operatorname{Var}(\bar{x}) = \frac{\sigma^2}{n}, \qquad s^2 = \frac{1}{n-1} \sum_{i=1}^{n} (x_i - \bar{x})^2.
$$

1. For a normal density, \(f(x) = \frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}\).
2. In matrix form, with $\mathbf{X} \in \mathbb{R}^{n \times p}$:
   \[
   \hat{\beta} = (X^\top X)^{-1} X^\top y, \quad \begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1} = \frac{1}{ad - bc} \begin{pmatrix} d & -b \\ -c & a \end{pmatrix}
   \]

| loss | formula | price |
|---|---|---|
| squared | $(y - \hat{y})^2$ | $5 |
| hinge | $\max(0, 1 - y\hat{y})$ | $6 |

$$\begin{aligned} \nabla \times \vec{E} &= -\frac{\partial \vec{B}}{\partial t} \\ \oint_{\partial\Sigma} \vec{B} \cdot d\vec{\ell} &= \mu_0 \iint_\Sigma \vec{J} \cdot d\vec{S} \end{aligned}$$

It costs $5 and $6; **bold $e^{i\pi} + 1 = 0$**, $\cancel{x}$, $\boxed{42}$, $|x| = \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}$ and one that cannot be read: $\frac{a$.
`;

const turn = (id: number, user: string, answer: Partial<AnswerView>): TurnView => ({
  turn: id,
  user,
  answer: { seq: 9, reason: "complete", parts: [{ text: "", broke: null }], error: null, meta: META, ...answer },
});
const said = (text: string) => [{ text, broke: null }];
const catalog: KernelMessage = { kind: "catalog", models: CATALOG, error: null };
const withTurns = (...turns: TurnView[]): Scene => ({
  traits: { models_priority_list: [CLAUDE, GPT, LLAMA, ORCA], conversation: { turns } },
  messages: [catalog],
});

const FRENCH = turn(1, "Translate this sentence from English to French. I love programming.", {
  parts: said("J’aime programmer."),
});
const HALF = RICH.slice(0, RICH.indexOf('transform("median'));

export const SCENES: Readonly<Record<string, Scene>> = {
  empty: { traits: { models_priority_list: [CLAUDE, GPT] }, messages: [catalog] },
  streaming: {
    ...withTurns(FRENCH),
    messages: [catalog, { kind: "turn_started", turn: 2, user: "Which columns have missing values?", asked: [CLAUDE] }],
    deltas: [{ turn: 2, seq: 1, text: HALF }],
  },
  asking: {
    ...withTurns(FRENCH),
    messages: [catalog, { kind: "turn_started", turn: 2, user: "Which columns?", asked: [CLAUDE, GPT] }],
  },
  rich: withTurns(turn(1, "Which columns have missing values, and how would you fill them?", { parts: said(RICH) })),
  math: withTurns(turn(1, "How sure am I of a mean?", { parts: said(MATH) })),
  long: withTurns(FRENCH, turn(2, "Explain at length.\nWith an example.", { parts: said(LONG) })),
  route: { ...withTurns(FRENCH), press: ["Show route"] },
  picker: { ...withTurns(FRENCH), press: ["Models"] },
  failed: withTurns(
    turn(1, "Hello?", {
      reason: "failed",
      meta: null,
      error: {
        kind: "ConfigurationError",
        message:
          "The gateway at https://gateway.example refused the key: set GPT_ROUTER_API_KEY and run this cell again.",
      },
    }),
  ),
  broken: withTurns(
    turn(1, "Write me a five line poem about SQL.", {
      parts: [
        {
          text: "Select my heart from tables wide,  \nwhere rows of",
          broke: "chat_openai/gpt-4 broke off in mid-answer: anthropic/claude-instant-1.2 was asked instead.",
        },
        {
          text: "Select my heart from tables wide,  \nand join it gently at your side;  \ngroup by the days that we have known,  \nhaving no null to call my own,  \norder by love, descending, pride.",
          broke: null,
        },
      ],
    }),
    turn(2, "Another one.", {
      reason: "stopped",
      parts: said("Update my days, set"),
      meta: { ...META, usage: null, latency: { first_token: 0.31, total: null } },
    }),
  ),
};
