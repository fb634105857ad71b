<?php
/**
 * Runs the tests of one file: php run.php signing.php. Each function `test_…` is a test; its name is a sentence.
 */

error_reporting( E_ALL );
set_error_handler(
	static function ( $level, $message, $file, $line ) {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

require __DIR__ . '/wordpress.php';

/**
 * Says what is not as it should be.
 *
 * @param mixed  $wanted What should be.
 * @param mixed  $found  What is.
 * @param string $what   Of what.
 */
function same( $wanted, $found, $what = '' ) {
	if ( $wanted !== $found ) {
		throw new RuntimeException( trim( $what . ': wanted ' . var_export( $wanted, true ) . ', found ' . var_export( $found, true ), ': ' ) );
	}
}

/**
 * The error that an act ends with.
 *
 * @param callable $act The act.
 * @return Throwable
 */
function refusal( callable $act ) {
	try {
		$act();
	} catch ( MCI_Refusal $error ) {
		return $error;
	} catch ( InvalidArgumentException $error ) {
		return $error;
	}
	throw new RuntimeException( 'It was not refused.' );
}

require __DIR__ . '/' . basename( $argv[1] );

$failed = 0;
$count  = 0;
foreach ( get_defined_functions()['user'] as $name ) {
	if ( 0 !== strpos( $name, 'test_' ) ) {
		continue;
	}
	++$count;
	forget_everything();
	try {
		$name();
		echo 'ok      ', str_replace( '_', ' ', substr( $name, 5 ) ), "\n";
	} catch ( Throwable $error ) {
		++$failed;
		echo 'FAILED  ', str_replace( '_', ' ', substr( $name, 5 ) ), "\n        ", $error->getMessage(), ' (', basename( $error->getFile() ), ':', $error->getLine(), ")\n";
	}
}
echo $count, " tests, ", $failed, " failed\n";
exit( $failed || ! $count ? 1 : 0 );
