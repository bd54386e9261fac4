//! Trains the recognizer: `train --data DIR --out FILE`. Not part of the product's binary.
//!
//! The same data, seed and epochs give the same weights on every machine and number of threads:
//! each symbol has its own random stream, and sums are taken in a fixed order.

mod augment;
mod calibrate;
mod chance;
mod corpus;
mod doubtful;
mod gradient;
mod hands;
mod item;
mod lesson;
mod measure;
mod numbers;
mod optimizer;
mod skeleton;
mod surroundings;
mod synthetic;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use recognition::features::{self, Glyph};
use recognition::network::PARAMETERS;
use recognition::{Alphabet, Model, Read, Recognizer, Scale, Split, read_handwriting};
use report::figures;

use crate::corpus::Corpus;
use crate::gradient::{Gradient, Transposed, gradient};
use crate::lesson::Lesson;
use crate::measure::Shown;
use crate::optimizer::Optimizer;

/// Trains the recognizer's network and calibrates it.
#[derive(Parser)]
struct Arguments {
    /// Folder of handwriting files (pendigits-train.jsonl, unipen-*.jsonl)
    #[arg(long)]
    data: PathBuf,
    /// Handwriting file of synthetic symbols to learn from as well
    #[arg(long)]
    synthetic: Option<PathBuf>,
    /// sample-strokes/skeletons.toml, to learn the project's synthetic hand as well
    #[arg(long)]
    skeletons: Option<PathBuf>,
    /// Where the weights go
    #[arg(long)]
    out: PathBuf,
    /// Calibrate and measure these weights instead of training
    #[arg(long)]
    weights: Option<PathBuf>,
    /// Seed of all randomness
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the data is gone through
    #[arg(long, default_value_t = 24)]
    epochs: usize,
    /// Threads to use; the result does not depend on it
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

/// Symbols a step.
const BATCH: usize = 128;
/// Symbols that one thread takes at once.
const SHARD: usize = 32;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build_global()?;
    let corpus = Corpus::load(
        &arguments.data,
        arguments.synthetic.as_deref(),
        arguments.skeletons.as_deref(),
    )?;
    let parameters = match &arguments.weights {
        None => train(&corpus, &arguments),
        Some(path) => {
            let bytes = std::fs::read(path)
                .with_context(|| format!("failed to read {}", path.display()))?;
            Model::from_bytes(&bytes)?.network.parameters().to_vec()
        }
    };
    let hands = hands::fit(&parameters, &corpus, arguments.seed);
    let calibration = calibrate::fit(&parameters, &hands, &corpus, arguments.seed)?;
    println!("{calibration:?}, hands spread by {:?}, trust {}", hands.spread, hands.trust);
    let bytes = Model::to_bytes(calibration, &hands, &parameters);
    std::fs::write(&arguments.out, &bytes)
        .with_context(|| format!("failed to write {}", arguments.out.display()))?;
    let recognizer = Recognizer::from_bytes(&bytes)?;
    let [features, network] =
        measure::cost_us(&recognizer.model().network, corpus.digits.split(Split::Validation));
    println!("a symbol: features {features:.1} µs, network {network:.1} µs");
    for split in [Split::Validation, Split::Test] {
        report(&recognizer, &corpus, split, arguments.seed);
    }
    Ok(())
}

/// Measures the recognizer as the product uses it.
fn report(recognizer: &Recognizer, corpus: &Corpus, split: Split, seed: u64) {
    let numbers = [
        ("real numbers", numbers::real(corpus, split)),
        ("composed numbers", numbers::composed(corpus, split, seed)),
        ("joined numbers", numbers::joined(corpus, split, seed)),
    ];
    let parameters = recognizer.model().network.parameters();
    let ways = [("", Shown::All), (" sound", Shown::Sound), (" perturbed", Shown::Perturbed(seed))];
    for (how, shown) in ways {
        for answers in measure::answers(parameters, corpus, split, shown) {
            let reads = answers.reads(recognizer.model().calibration.scale(answers.alphabet));
            println!("{split:?}{how} {}", figures::line(answers.name, &reads));
        }
    }
    for (name, items) in numbers {
        let reads = read_handwriting(recognizer, &items, Alphabet::Number);
        println!("{split:?} {}", figures::line(name, &reads));
        let wrong = reads.iter().filter(|read| read.label != read.read);
        let sure = |read: &&Read| read.confidence >= surroundings::DECIDED;
        let decided = reads.iter().filter(sure).count();
        println!("  decided {decided}, wrong {}", wrong.clone().filter(sure).count());
        let told = wrong.map(|r| format!("{}>{} {:.2}", r.label, r.read, r.confidence));
        println!("  {}", told.take(40).collect::<Vec<_>>().join(", "));
    }
    surroundings::report(recognizer, corpus, split, seed);
}

/// A word on how the training goes.
fn glance(parameters: &[f32], corpus: &Corpus) {
    for answers in measure::answers(parameters, corpus, Split::Validation, Shown::Sound) {
        let line = figures::line(answers.name, &answers.reads(Scale::NONE));
        println!("  {line}  loss {:.4}", answers.loss(Scale::NONE));
    }
}

fn train(corpus: &Corpus, arguments: &Arguments) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(arguments.seed);
    let steps = lesson::epoch(corpus, &mut rng.clone()).len() / BATCH * arguments.epochs;
    let mut optimizer = Optimizer::new(optimizer::start(&mut rng), steps);
    for epoch in 0..arguments.epochs {
        let lessons = lesson::epoch(corpus, &mut rng);
        let (mut loss, mut right, mut seen) = (0.0, 0, 0);
        for (step, batch) in lessons.chunks_exact(BATCH).enumerate() {
            let stream = ((epoch as u64) << 32) + (step * BATCH) as u64;
            let gradient = batch_gradient(&optimizer.parameters, batch, arguments.seed, stream);
            optimizer.step(&gradient.parameters);
            loss += gradient.loss;
            right += gradient.right;
            seen += batch.len();
        }
        let shares = (loss / seen as f32, 100.0 * right as f32 / seen as f32);
        println!("epoch {epoch}: {seen} seen, loss {:.4}, right {:.2} %", shares.0, shares.1);
        if epoch % 4 == 3 {
            glance(&optimizer.average, corpus);
        }
    }
    optimizer.average
}

/// The mean gradient of a batch.
fn batch_gradient(parameters: &[f32], batch: &[Lesson<'_>], seed: u64, stream: u64) -> Gradient {
    let transposed = Transposed::new(parameters);
    let shards: Vec<Gradient> = batch
        .par_chunks(SHARD)
        .enumerate()
        .map(|(shard, lessons)| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(stream + 1 + (shard * SHARD) as u64);
            shard_gradient(parameters, &transposed, lessons, &mut rng)
        })
        .collect();
    let mut sum = Gradient { parameters: vec![0.0; PARAMETERS], loss: 0.0, right: 0 };
    for shard in shards {
        for (sum, part) in sum.parameters.iter_mut().zip(&shard.parameters) {
            *sum += part / batch.len() as f32;
        }
        sum.loss += shard.loss;
        sum.right += shard.right;
    }
    sum
}

fn shard_gradient(
    parameters: &[f32],
    transposed: &Transposed,
    lessons: &[Lesson<'_>],
    rng: &mut ChaCha8Rng,
) -> Gradient {
    let (mut glyph, mut path) = (Glyph::new(1.0), Vec::new());
    let mut symbols = vec![0.0; lessons.len() * features::LEN];
    let mut targets = Vec::with_capacity(lessons.len());
    for (lesson, symbol) in lessons.iter().zip(symbols.chunks_exact_mut(features::LEN)) {
        targets.push(lesson.show(&mut glyph, rng));
        features::extract(&glyph, &mut path, symbol);
    }
    gradient(parameters, transposed, &symbols, &targets, Some(rng))
}
