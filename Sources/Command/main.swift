import CLI
import Glibc

CommandLineInterface.prepare()
exit(await CommandLineInterface.main(Array(CommandLine.arguments.dropFirst())))
