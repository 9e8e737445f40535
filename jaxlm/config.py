"""Every field an experiment can set, with its default and its meaning.

An experiment file (`experiments/NAME.py`) starts from `defaults()` and overrides what it changes; the result is locked,
so a mistyped field is an error. Values are plain data: numbers, strings, booleans, tuples and nested ConfigDicts.
"""

from ml_collections import ConfigDict

PHASES = ("crawl", "tokenizer", "pretrain", "finetune", "evaluate", "report")


def defaults() -> ConfigDict:
    """Returns the complete, unlocked configuration with the defaults of every phase."""
    return ConfigDict(
        dict(
            name="unnamed",
            seed=0,  # everything random derives from it: world, split, initialisation, data order, sampling
            phases=PHASES,  # what `python -m jaxlm` runs, in this order
            mesh=dict(data=-1, fsdp=1, tensor=1, context=1),  # devices per axis; one may be -1 (all that are left)
            crawl=crawl(),
            tokenizer=tokenizer(),
            model=model(),
            pretrain=training(),
            finetune=finetuning(),
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
    return config


def evaluate() -> ConfigDict:
    """What is asked of the base and the tuned model."""
    return ConfigDict(
        dict(
            questions=120,  # at most, in each cell of the recall tables
            batch_size=64,
            max_new=48,
            kshot=(0, 1, 2, 4, 8),
            prefix_tokens=16,  # verbatim extraction: tokens given, then compared
            bpb_documents=500,
        )
    )
