# args: ["--wrong"]
import argparse
argparse.ArgumentParser(description='test').parse_args()
