// Reads a signed checkpoint, a leaf and its proof, and checks them with Go's own packages.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return value
}

func hash(text string) tlog.Hash {
	return tlog.Hash(must(base64.StdEncoding.DecodeString(text)))
}

func main() {
	key, checkpoint, leaf, index := os.Args[1], os.Args[2], os.Args[3], must(strconv.ParseInt(os.Args[4], 10, 64))
	opened := must(note.Open([]byte(checkpoint), note.VerifierList(must(note.NewVerifier(key)))))
	lines := strings.Split(opened.Text, "\n")
	size := must(strconv.ParseInt(lines[1], 10, 64))
	var proof tlog.RecordProof
	for _, sibling := range os.Args[5:] {
		proof = append(proof, hash(sibling))
	}
	must(0, tlog.CheckRecord(proof, size, hash(lines[2]), index, hash(leaf)))
	fmt.Println("verified")
}
