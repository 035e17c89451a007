package main

import (
	"fmt"
	"os"
)

func ask(name string) {
	state := "unset"
	if _, ok := os.LookupEnv(name); ok {
		state = "set"
	}
	fmt.Printf("%s=%s\n", name, state)
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "all" {
		os.Environ()
		return
	}
	for _, name := range os.Args[2:] {
		ask(name)
	}
	os.Setenv("PROBE_GO_NEW", "1")
	ask("PROBE_GO_NEW")
	os.Unsetenv("PROBE_SET")
	os.Getenv("PROBE_GO_PLAIN")
	fmt.Println("PROBE_GO_PLAIN=unset")
}
