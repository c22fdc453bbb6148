#!/bin/sh
echo "the custom application runs"
