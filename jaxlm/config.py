"""Every field an experiment can set, with its default and its meaning.

An experiment file (`experiments/NAME.py`) starts from `defaults()` and overrides what it changes; the result is locked,
so a mistyped field is an error. Values are plain data: numbers, strings, booleans, tuples and nested ConfigDicts.
"""

from ml_collections import ConfigDict

# All there are, in an order in which they can run; `domain` goes on from another run.
PHASES = (
    *("crawl", "tokenizer", "pretrain", "finetune", "probe", "honesty", "search", "identity", "domain"),
    *("evaluate", "report"),
)
SPINE = ("crawl", "tokenizer", "pretrain", "finetune", "evaluate", "report")


def defaults() -> ConfigDict:
    """Returns the complete, unlocked configuration with the defaults of every phase."""
    return ConfigDict(
        dict(
            name="unnamed",
            seed=0,  # everything random derives from it: world, split, initialisation, data order, sampling
            phases=SPINE,  # what `python -m jaxlm` runs, in this order
            mesh=dict(data=-1, fsdp=1, tensor=1, context=1),  # devices per axis; one may be -1 (all that are left)
            crawl=crawl(),
            tokenizer=tokenizer(),
            model=model(),
            pretrain=training(),
            finetune=finetuning(),
            probe=probe(),
            honesty=honesty(),
            search=search(),
            identity=identity(),
            domain=domain(),
            tools=tools(),
            evaluate=evaluate(),
            report=dict(title="", examples=12),
        )
    )


def crawl() -> ConfigDict:
    """Where documents come from and how they are cleaned."""
    return ConfigDict(
        dict(
            source="microweb",  # microweb | files | tfds
            paths=(),  # files: folders, files or globs of .txt .md .jsonl .parquet .warc .wet (plain, .gz, .zst)
            tfds=dict(name="", split="train", data_dir="", text_field="text"),
            microweb=dict(
                people=60,  # people in EACH exposure tier; other kinds of entity scale with it
                tiers=(0, 1, 4, 16, 64, 256),  # number of pages that state an entity's facts
                tier_share=(1.0, 1.0, 1.0, 1.0, 0.6, 0.15),  # entities in a tier, as a share of `people`
                tail=3000,  # people with one page that states each fact twice: they teach reading from the context
                junk=0.2,  # junk pages as a share of all pages
                shards=4,  # WARC files written
            ),
            max_page_bytes=2_000_000,  # larger pages are skipped and counted
            extractor="trafilatura",  # trafilatura | resiliparse (faster, less exact)
            languages=("en",),  # kept; empty keeps all
            min_words=20,  # quality rules; see jaxlm/crawl/quality.py for the others and their sources
            max_words=100_000,  # of a web page; a text file may be a book
            beginning=0,  # of a text this many words are kept, and the rest of the sentence; 0 keeps all
            short_text=150,  # with fewer words a name may recur and one stop word is enough; 0: the published rules
            quality=True,
            pii=True,  # replace e-mail addresses, IP addresses and phone numbers
            deduplicate=True,
            workers=0,  # processes; 0 is one a core
        )
    )


def tokenizer() -> ConfigDict:
    """The vocabulary and the token store made with it."""
    return ConfigDict(
        dict(
            kind="bpe",  # bpe (SentencePiece) | char (one token a character of the corpus)
            vocab_size=2048,
            min_count=0,  # bpe: pieces that stand less often in that text are left out of the vocabulary again
            train_bytes=50_000_000,  # the vocabulary is learnt from this much text at most
            holdout=0.02,  # share of the text never trained on
            holdout_by="document",  # document | tail (the last part of every document)
        )
    )


def model() -> ConfigDict:
    """The shape of the decoder; fields as in jaxlm.model.config.ModelConfig."""
    return ConfigDict(
        dict(
            layers=4,
            width=128,
            heads=4,
            kv_heads=4,
            head_dim=32,
            mlp=384,
            activation="swiglu",  # swiglu | relu2
            tied=True,  # output head shares the embedding
            qk_norm=True,
            smear_keys=False,  # mix each key with its predecessor's by a learnt weight (Olsson et al. 2022)
            window=0,  # sliding-window attention span in tokens; 0 is full attention
            window_pattern=0,  # every n-th layer has full attention in spite of `window`; 0 is none
            soft_cap=0.0,  # logits become cap * tanh(logits / cap); 0 is off
            rope_theta=10_000.0,
            max_len=2048,  # longest context at sampling time
            dtype="auto",  # activations: auto (float32 on CPU, bfloat16 elsewhere) | float32 | bfloat16
            unroll=0,  # layers unrolled in the scan; 0 picks by backend
            remat="none",  # none | dots | full: what the backward pass recomputes
        )
    )


def training() -> ConfigDict:
    """One training phase: data shape, optimizer, schedule, and what is recorded when."""
    return ConfigDict(
        dict(
            steps=1000,
            batch_size=32,  # sequences a step, over all devices
            seq_len=256,
            accumulate=1,  # the batch is cut into this many parts whose gradients are added
            optimizer=dict(
                name="muon",  # muon | adamw
                lr=3e-3,  # Adam's rate (with muon: embeddings, norms)
                muon_lr=0.02,
                muon_iterations=5,  # of Newton-Schulz, with which Muon orthogonalizes
                b1=0.9,
                b2=0.95,
                weight_decay=0.0,
                clip=1.0,  # global gradient norm
            ),
            # wsd | cosine | constant; warmup in steps, decay as a share of the steps, final as a share of the peak rate
            schedule=dict(name="wsd", warmup=50, decay=0.3, final=0.0),
            z_loss=0.0,
            max_bad_steps=10,  # skipped steps without a finite loss before the run stops
            log_every=20,
            eval_every=200,
            eval_batches=8,
            save_every=200,
            keep=2,  # last checkpoints kept, beside the best
            sample_every=200,  # sampling from the live train state
            sample_prompts=("The ",),
            sample_tokens=48,
        )
    )


def finetuning() -> ConfigDict:
    """Training on conversations, with a share of pretraining text replayed."""
    config = training()
    config.update(
        dict(
            steps=200,
            optimizer=dict(name="adamw", lr=3e-4, weight_decay=0.0),
            schedule=dict(name="cosine", warmup=20),
            eval_every=50,
            save_every=100,
            sample_every=100,
            sample_prompts=(),
        )
    )
    config.data = ()  # extra .json/.jsonl/.parquet conversation files; the micro-web brings its own
    config.holdout = 0.02  # share of the conversations never trained on
    config.replay = 0.5  # share of rows that are pretraining text
    # low-rank adapters of these linear maps (all when empty) instead of all weights; rank 0 is off
    config.lora = dict(rank=0, alpha=16.0, targets=())
    return config


def probe() -> ConfigDict:
    """What the tuned model is asked about its training documents, and how it is judged."""
    return ConfigDict(
        dict(
            interrogator="template",  # template (built in) | model
            judge="match",  # match (normalized, with aliases and rivals) | model
            # the model of either role: an OpenAI-compatible endpoint (its key in the environment variable named), or
            # a run's folder with a phase and which checkpoint of it
            model=dict(url="", name="", key_variable="", run="", phase="finetune", which="best"),
            entities="asked",  # asked | untuned | all: who may be asked about; see jaxlm/honesty/interrogator.py
            documents=20_000,  # read, at most about
            questions=2500,  # about documents, at most, as even as possible over degrees of exposure
            told=0.0,  # share of the training documents that fine-tuning has questions about, and the probe has not
            per_document=8,  # pairs taken from a document without the micro-web's sentences
            per_fact=4,  # wordings of a question
            nobody=600,  # questions about names that no document holds
            nobody_kinds=("recombined", "half", "coined"),  # parts of known names | one such part | new names
            reserve=0.0,  # share of the entities whose questions are kept for evaluation, in reserved.jsonl
            samples=8,  # answers a question, beside the greedy one
            temperature=1.0,
            top_p=1.0,
            max_new=32,  # tokens of an answer
            known=0.5,  # known from this share of right answers on
            unknown=0.15,  # unknown up to this share, where the greedy answer is not right either
            over_refusal=0.01,  # share of what is known that the gate may refuse; see jaxlm/honesty/gate.py
            answers="own",  # what a known question keeps: own (the model's right answer) | reference (the passage's)
        )
    )


def honesty() -> ConfigDict:
    """Training on answers to what is known and abstention from the rest: the fields of `finetuning`, and the mix."""
    config = finetuning()
    config.update(
        dict(
            rounds=2,  # of training and asking again, at most; a round without gain beyond its noise is the last
            emphasis=2,  # how often an example is repeated after a round in which its question went wrong
            validation=0.15,  # share of the entities no example is about: the rounds are judged by them
            known_per_unknown=1.0,  # answers for each abstention; 0 takes all of both
            nobody=0.35,  # share of the abstentions that are about nobody (as many in all as there are of both kinds)
            between="by_share",  # drop | answer | refuse | by_share (answers as often as the samples were right)
            soft_copies=2,  # examples of each question in between, with by_share
            border=0.0,  # further copies of a known question, times the share of samples that were wrong
            plain=0.5,  # share of the conversations that are those of fine-tuning
            multi_turn=0.25,  # share of the examples that follow another question in their conversation
            system=0.3,  # share of the abstentions that follow a system prompt
            reviewed_only=False,  # train only on examples that a person accepted, not on all that nobody rejected
            examples=(),  # reviewed examples instead of those of the probe's folder (changes in them count)
        )
    )
    return config


def search() -> ConfigDict:
    """Training on conversations with searches and pages to read; the fields of `finetuning`, and what is searched."""
    config = finetuning()
    config.update(
        dict(
            dialogues=4000,  # conversations that are generated
            earlier=0.4,  # share of conversations that earlier phases were trained on, against forgetting
        )
    )
    return config


def identity() -> ConfigDict:
    """Training on conversations about the model itself; the fields of `finetuning`, and what they are made from."""
    config = finetuning()
    config.update(
        dict(
            card=dict(
                name="Quillo",
                maker="Ostrane Labs",
                date="2024",  # when its knowledge ends, as it stands behind "in"
                abilities="answer questions, write lists and follow simple instructions",  # completes "I can ..."
                limits="see pictures, hear sounds or look into the future",  # completes "I cannot ..."
            ),
            languages=("de", "fr", "es", "it", "nl"),  # spoken beside English when asked about itself
            dialogues=3000,  # conversations about itself that are generated
            earlier=0.5,  # share of conversations that earlier phases were trained on, against forgetting
            others=0.15,  # share of those that get a system prompt with another identity, which must not matter
        )
    )
    return config


def tools() -> ConfigDict:
    """What a model may call, and with what it searches."""
    return ConfigDict(
        dict(
            search=dict(
                backend="index",  # index (the crawled documents) | brave | tavily | searxng: a web-search API
                # of the API, if not its maker's; for searxng the instance's. Keys: $BRAVE_API_KEY, $TAVILY_API_KEY
                url="",
                timeout=10.0,  # seconds for one request
                retries=2,
                results=2,  # passages shown
                passage_words=100,  # length of the index's passages
                passage_chars=1000,  # longest passage shown
                language="english",  # of the index's stemmer; "" for none
                named=False,  # only passages of the index that hold each name in the query, in full
            ),
            fetch=dict(
                enabled=False,  # open pages that a search returned or the user typed; public addresses only
                seconds=10.0,  # for one page
                max_bytes=2_000_000,  # of one page
                redirects=5,  # followed for one page
                pages=5,  # in a conversation
                extractor="trafilatura",  # trafilatura | resiliparse
            ),
            max_chars=4000,  # longest result
        )
    )


def domain() -> ConfigDict:
    """Going on with another run's model in one field of knowledge: the fields of `finetuning`, and what it learns."""
    config = finetuning()
    config.update(
        dict(
            steps=300,
            optimizer=dict(lr=1e-3),
            holdout=0.1,  # share of the documents never trained on
            lora=dict(rank=8),
            # further fields
            base="",  # folder of the finished run whose model goes on learning; its text is the general one
            phase="finetune",  # the phase of it whose best checkpoint that is
            source="files",  # files | medicine | law (of the micro-web's world)
            text=(),  # files: folders, files or globs as in crawl.paths, and CNXML textbooks
            questions=(),  # files: .jsonl of {question, answer, aliases}; `data` has conversations to learn from
            entities=40,  # medicine, law: of each kind, ...
            documents=16,  # ... and how many documents state the facts of each
            cloze=0.15,  # of a textbook's key sentences: never trained on, but asked for their terms
            dialogue=0.3,  # share of domain rows that are conversations, where there are any
            ways=("full", "lora"),  # what is trained: all weights, adapters
            lora_lr=5e-3,  # rate of adapters
            replays=(0.0, 0.3),  # shares of rows that are general text; each way is trained with each
        )
    )
    del config.replay
    return config


def evaluate() -> ConfigDict:
    """What is asked of the models."""
    return ConfigDict(
        dict(
            questions=120,  # at most, in each cell of the tables
            data=(),  # one folder of real question sets, with qa/ and safety/; see jaxlm/evals/sets.py
            sets=(),  # those of them that are asked; empty for all whose files are there
            set_questions=120,  # of them, at most, of each popularity or category
            batch_size=64,
            max_new=48,
            kshot=(0, 1, 2, 4, 8),
            prefix_tokens=16,  # verbatim extraction: tokens given, then compared
            bpb_documents=500,
            samples=10,  # answers drawn a question, for uncertainty measured by their agreement
        )
    )
