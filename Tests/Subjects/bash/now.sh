#!/bin/bash
# Prints the date in several ways.
date
date +%FT%T%z
date +%c
