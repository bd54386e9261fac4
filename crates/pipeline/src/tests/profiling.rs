use worksheet::Copies;

use super::fixture::{Pen, School, pupil, tally_after};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settled_answers_reach_each_profile_once() {
    let school = School::new(5, Copies::PerCopy).await;
    for number in 0..5 {
        let mut pen = Pen::new(number);
        pen.dash(school.address(number), 0);
        school.receive(&mut pen).await;
    }
    let pipeline = school.start_with(2, tally_after(|_, _| {}));
    school.idle(&pipeline).await;
    assert_eq!(pipeline.counters().profiles_saved, 0, "nothing is settled yet");
    school.settle(&pipeline).await;
    assert_eq!(pipeline.counters().profiles_saved, 5);
    let counters = pipeline.stop().await;
    assert_eq!((counters.profiles_saved, counters.answers_left_out), (5, 0));
    // Another pipeline finds nothing to fold.
    let after = school.start_with(1, tally_after(|_, _| {}));
    school.settle(&after).await;
    assert_eq!(after.stop().await.profiles_saved, 0);
    assert_eq!(school.store.stale_profiles(9).await.unwrap(), []);
    assert_eq!(school.store.history("s", &pupil(0)).await.unwrap().len(), 1);
}
