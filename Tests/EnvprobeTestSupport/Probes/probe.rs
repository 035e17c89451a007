fn main() {
    for name in std::env::args().skip(2) {
        let state = if std::env::var_os(&name).is_some() { "set" } else { "unset" };
        println!("{name}={state}");
    }
}
