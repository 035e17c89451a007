package main

import (
	"fmt"
	"time"
)

func main() { fmt.Printf("now %d.%09d\n", time.Now().Unix(), time.Now().Nanosecond()) }
