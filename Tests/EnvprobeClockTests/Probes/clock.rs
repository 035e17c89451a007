use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    println!("now {:.9}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64());
}
