<?php
/**
 * A call that is answered with an error.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * What is wrong, as the protocol names it. Knows nothing of WordPress.
 */
class MCI_Refusal extends Exception {

	/**
	 * HTTP status of the answer.
	 *
	 * @var int
	 */
	public $status;

	/**
	 * The protocol's word: `bad_request`, `unknown_op`…
	 *
	 * @var string
	 */
	public $error;

	/**
	 * Constructor.
	 *
	 * @param int    $status  HTTP status.
	 * @param string $error   The protocol's word.
	 * @param string $message What exactly; for the log of MCI, in English.
	 */
	public function __construct( $status, $error, $message = '' ) {
		parent::__construct( $message );
		$this->status = $status;
		$this->error  = $error;
	}
}
